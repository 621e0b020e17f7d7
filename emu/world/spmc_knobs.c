/* SPDX-License-Identifier: MIT */
#include "emu/world/spmc_knobs.h"

#include <stddef.h>

/* clang-format off */
const struct world_knob_info world_knobs[WORLD_KNOB_COUNT] = {
#define KNOB(id, knob_name, knob_doc, from) \
	[WORLD_KNOB_##id] = {.name = (knob_name), .doc = (knob_doc), .source = (from), .values = {
#define VALUE(knob, id, value_name, value_doc) \
	[WORLD_##knob##_##id] = {.name = (value_name), .doc = (value_doc)},
#define KNOB_END(id) }},
#include "emu/world/spmc_knobs.def"
#undef KNOB
#undef VALUE
#undef KNOB_END
};
/* clang-format on */

/* Every list keeps its end. */
#define KNOB(id, name, doc, source) enum {
#define VALUE(knob, id, name, doc)  LAST_##knob##_##id,
#define KNOB_END(id)                                                  \
	VALUES_##id                                                   \
	}                                                             \
	;                                                             \
	_Static_assert((unsigned)VALUES_##id < WORLD_KNOB_MAX_VALUES, \
	               "WORLD_KNOB_MAX_VALUES is too low");
#include "emu/world/spmc_knobs.def"
#undef KNOB
#undef VALUE
#undef KNOB_END
