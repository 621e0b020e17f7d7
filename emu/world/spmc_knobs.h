/* SPDX-License-Identifier: MIT */
/*
 * The table of SPMC behaviours as types: enum world_knob numbers the knobs,
 * enum world_knob_<ID> the values of each, and world_knobs describes them for
 * whoever reads or prints a profile. Constant.
 *
 * The rows, with their sources, are in emu/world/spmc_knobs.def.
 */
#ifndef EMU_WORLD_SPMC_KNOBS_H
#define EMU_WORLD_SPMC_KNOBS_H

#define WORLD_KNOB_MAX_VALUES 8u /* of one knob, the end of the list included */

enum world_knob {
#define KNOB(id, name, doc, source) WORLD_KNOB_##id,
#define VALUE(knob, id, name, doc)
#define KNOB_END(id)
#include "emu/world/spmc_knobs.def"
#undef KNOB
#undef VALUE
#undef KNOB_END
	WORLD_KNOB_COUNT
};

#define KNOB(id, name, doc, source) \
	enum world_knob_##id        \
	{
#define VALUE(knob, id, name, doc) WORLD_##knob##_##id,
#define KNOB_END(id) \
	}            \
	;
#include "emu/world/spmc_knobs.def"
#undef KNOB
#undef VALUE
#undef KNOB_END

struct world_knob_value {
	const char *name; /* NULL: end of the list */
	const char *doc;
};

struct world_knob_info {
	const char *name;
	const char *doc;
	const char *source; /* facts file and section */
	struct world_knob_value values[WORLD_KNOB_MAX_VALUES];
};

extern const struct world_knob_info world_knobs[WORLD_KNOB_COUNT];

#endif
