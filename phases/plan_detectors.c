/* The detectors' part of a plan: what each does for its phase, what it is watched for, which of them
 * measure speed, and how long the reports collect. */
#include "plan.h"

enum { DELAY_MAX_DS = 2550 }; /* vehicleDetectorDelay: what is beyond is undefined */

static int8_t served_phase(const struct plan_structure *s, int phase_no)
{
    bool served = phase_no >= 1 && phase_no <= PHASES_MAX && (s->phases & mask_of(phase_no));
    return (int8_t)(served ? phase_no - 1 : -1);
}

static struct plan_diagnosis diagnosis(int no_activity_min, int max_presence_min, uint8_t erratic_counts)
{
    return (struct plan_diagnosis){(uint16_t)(no_activity_min * 60), (uint16_t)(max_presence_min * 60),
                                   erratic_counts};
}

static bool diagnosed(const struct plan_diagnosis *d)
{
    return d->no_activity_s || d->max_presence_s || d->erratic_counts;
}

static void compile_vehicle_detector(struct plan *plan, const struct vehicle_detector_row *row, int no)
{
    struct plan_detector *d = &plan->detector[no - 1];
    d->phase_ix = served_phase(&plan->structure, row->call_phase_no);
    d->switch_ix = served_phase(&plan->structure, row->switch_phase_no);
    d->delay_ds = (int16_t)(row->delay_ds < DELAY_MAX_DS ? row->delay_ds : DELAY_MAX_DS);
    d->extend_ds = row->extend_ds;
    d->queue_limit_ds = (int16_t)(row->queue_limit_s * 10);
    d->options = row->options;
    d->fail_time_s = row->fail_time_s;
    d->bicycle = row->travel_mode == TRAVEL_BICYCLE && (row->options & DETECTOR_CALL);
    plan->diagnosis[no - 1] = diagnosis(row->no_activity_min, row->max_presence_min, row->erratic_counts);
    detector_put(&plan->diagnosed, no, diagnosed(&plan->diagnosis[no - 1]));
    if (row->options & (DETECTOR_VOLUME | DETECTOR_OCCUPANCY))
        detector_put(&plan->volume_detectors, no, true);
    if (d->phase_ix < 0)
        return;
    detector_put(&plan->detectors, no, true);
    if (d->delay_ds || d->extend_ds || (row->options & DETECTOR_QUEUE))
        detector_put(&plan->timed_detectors, no, true);
}

static bool any(const struct detector_mask *m)
{
    return m->word[0] | m->word[1] | m->word[2];
}

static void compile_ped_detector(struct plan *plan, const struct pedestrian_detector_row *row, int no)
{
    int8_t phase_ix = served_phase(&plan->structure, row->call_phase_no);
    struct plan_diagnosis *d = &plan->ped_diagnosis[no - 1];
    *d = diagnosis(row->no_activity_min, row->max_presence_min, row->erratic_counts);
    if (diagnosed(d))
        plan->ped_detectors_diagnosed |= mask_of(no);
    plan->ped_detector_phase[no - 1] = phase_ix;
    if (phase_ix < 0)
        return;
    plan->ped_detectors_reported |= mask_of(no);
    if (row->options & PED_DETECTOR_PRESENCE)
        return;
    plan->ped_detectors |= mask_of(no);
    if (row->options & PED_DETECTOR_NON_LOCKING)
        plan->ped_detectors_nonlocking |= mask_of(no);
    bool at_once = row->options & PED_DETECTOR_ALTERNATE;
    if (at_once || row->push_time_ds)
        plan->ped_push_detectors |= mask_of(no);
    plan->ped_push_ds[no - 1] = at_once ? 0 : row->push_time_ds;
}

/* ---- speed ---- */

static bool paired(const struct plan *plan, int no)
{
    return detector_has(&plan->speed_leads, no) || detector_has(&plan->speed_trails, no);
}

/* Detector `no` and the one it names are a pair if both measure, one leads and the other does not, and
 * the other one names it back, or nobody. Either of them may hold the distance. */
static void compile_pair(struct plan *plan, const struct database *db, int no)
{
    const struct vehicle_detector_row *row = &db->vehicle_detector[no - 1];
    int other_no = row->paired_detector_no;
    if (other_no < 1 || other_no > VEHICLE_DETECTORS_MAX || paired(plan, no) || paired(plan, other_no))
        return;
    const struct vehicle_detector_row *other = &db->vehicle_detector[other_no - 1];
    uint16_t spacing_cm = row->paired_spacing_cm ? row->paired_spacing_cm : other->paired_spacing_cm;
    bool one_leads = (row->options2 ^ other->options2) & DETECTOR_LEAD;
    bool agreed = other->paired_detector_no == no || other->paired_detector_no == 0;
    if (!(row->options2 & other->options2 & DETECTOR_SPEED) || !one_leads || !agreed || !spacing_cm)
        return;
    bool leads = row->options2 & DETECTOR_LEAD;
    int lead_no = leads ? no : other_no, trail_no = leads ? other_no : no;
    detector_put(&plan->speed_leads, lead_no, true);
    detector_put(&plan->speed_trails, trail_no, true);
    plan->speed_detector[no - 1].partner_ix = (int16_t)(other_no - 1);
    plan->speed_detector[other_no - 1].partner_ix = (int16_t)(no - 1);
    plan->speed_detector[lead_no - 1].spacing_cm = spacing_cm;
    int8_t phase_ix = plan->detector[trail_no - 1].phase_ix;
    bool managed = plan->speed.mode == SPEED_ON || plan->speed.mode == SPEED_SCHEDULED;
    if (managed && phase_ix >= 0 && plan->speed.phase_limit_kmh[phase_ix])
        plan->speed_phases |= UINT64_C(1) << phase_ix;
}

/* A vehicle of average length over a zone of known length: speed without a partner. The lowest legal
 * vehicle length is what an unset one holds; no vehicle is that short. */
static uint16_t presence_cm(const struct vehicle_detector_row *row)
{
    bool known =
        row->average_vehicle_length_cm > 1 && row->length_cm >= 1 && row->length_cm <= DETECTOR_LENGTH_MAX_CM;
    return (uint16_t)(known ? row->average_vehicle_length_cm + row->length_cm : 0);
}

static void compile_speed(struct plan *plan, const struct database *db)
{
    plan->speed = db->speed;
    for (int ix = 0; ix < PHASES_MAX; ix++)
        if (!plan->speed.phase_limit_kmh[ix])
            plan->speed.phase_limit_kmh[ix] = db->speed.limit_kmh;
    for (int no = 1; no <= VEHICLE_DETECTORS_MAX; no++)
        plan->speed_detector[no - 1] = (struct plan_speed){-1, 0, presence_cm(&db->vehicle_detector[no - 1])};
    for (int no = 1; no <= VEHICLE_DETECTORS_MAX; no++)
        compile_pair(plan, db, no);
    for (int no = 1; no <= VEHICLE_DETECTORS_MAX; no++) {
        const struct vehicle_detector_row *row = &db->vehicle_detector[no - 1];
        const struct plan_speed *speed = &plan->speed_detector[no - 1];
        bool alone = speed->partner_ix < 0 && row->paired_detector_no == 0 && speed->presence_cm;
        bool fallback =
            speed->partner_ix >= 0 && (row->options2 & DETECTOR_SPEED_BY_LENGTH) && speed->presence_cm;
        if (!(row->options2 & DETECTOR_SPEED))
            continue;
        if (alone)
            detector_put(&plan->speed_alone, no, true);
        if (fallback)
            detector_put(&plan->speed_fallback, no, true);
        if (alone || speed->partner_ix >= 0) {
            detector_put(&plan->volume_detectors, no, true);
            plan->measures = true;
        }
    }
}

/* How long the reports collect; a reserved number collects nothing. */
static void compile_periods(struct plan *plan, const struct database *db)
{
    uint16_t vehicles_s = db->volume_period_s ? db->volume_period_s : db->volume_period_v3_s;
    uint16_t ped_s = db->ped_volume_period_s;
    plan->volume_period_ds = vehicles_s == PERIOD_COORDINATED_CYCLE_S ? PERIOD_CYCLE
                             : vehicles_s <= PERIOD_MAX_S             ? vehicles_s * 10
                                                                      : PERIOD_NONE;
    plan->ped_period_ds = ped_s == PERIOD_AS_VEHICLES_S         ? plan->volume_period_ds
                          : ped_s == PERIOD_COORDINATED_CYCLE_S ? PERIOD_CYCLE
                          : ped_s <= PERIOD_MAX_S               ? ped_s * 10
                                                                : PERIOD_NONE;
}

void plan_compile_detectors(struct plan *plan, const struct database *db)
{
    for (int no = 1; no <= VEHICLE_DETECTORS_MAX; no++)
        compile_vehicle_detector(plan, &db->vehicle_detector[no - 1], no);
    for (int no = 1; no <= PEDESTRIAN_DETECTORS_MAX; no++)
        compile_ped_detector(plan, &db->pedestrian_detector[no - 1], no);
    compile_speed(plan, db);
    compile_periods(plan, db);
    plan->times_detectors = any(&plan->timed_detectors);
    plan->diagnoses = any(&plan->diagnosed);
    bool reported = plan->ped_period_ds != PERIOD_NONE && plan->ped_detectors_reported;
    plan->edges_matter = plan->measures || reported || plan->diagnoses || plan->ped_detectors_diagnosed;
}
