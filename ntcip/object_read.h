/* Readers of the objects that no single field holds; named by READ() in objects.def. */
#ifndef NTCIP_OBJECT_READ_H
#define NTCIP_OBJECT_READ_H

#include "object.h"

object_reader object_read_sys_descr;
object_reader object_read_sys_object_id;
object_reader object_read_sys_contact;
object_reader object_read_sys_name;
object_reader object_read_sys_location;
object_reader object_read_active_volume_detectors;
object_reader object_read_unit_control_status;
object_reader object_read_unit_flash_status;
object_reader object_read_module_device_node;
object_reader object_read_module_make;
object_reader object_read_module_model;
object_reader object_read_module_version;
object_reader object_read_base_standards;
object_reader object_read_global_time;
object_reader object_read_local_time;

#endif
