#pragma once
// What Swift cannot reach in the C library: functions behind _GNU_SOURCE, variadic functions and macros.
#include "clinux_events.h"
#include "clinux_faults.h"
#include "clinux_files.h"
#include "clinux_memory.h"
#include "clinux_threads.h"
