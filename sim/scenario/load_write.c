/* SPDX-License-Identifier: MIT */
/* "write": a vCPU writes to memory of its VM, whoever else is looking at it. */
#include "emu/world/world.h"
#include "sim/scenario/load.h"

enum { DEFAULT_BYTES = 4 };

static const struct sim_shape shape_bytes = {
        .kind = SIM_SHAPE_INTEGER,
        .what = "how many bytes: 1, 2, 4 or 8",
        .min = 1,
        .max = 8,
};
const struct sim_shape sim_shape_address = {
        .kind = SIM_SHAPE_NUMBER,
        .name = "address",
        .what = "a physical address of the VM's memory",
        .max = UINT64_MAX,
};

static bool load_at(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;

	(void)loader;
	step->address = sim_number(value);
	return true;
}

static bool load_bytes(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;

	step->bytes = (unsigned)sim_number(value);
	if (step->bytes & (step->bytes - 1))
		return sim_fail(loader, value, "a write has 1, 2, 4 or 8 bytes, not %u",
		                step->bytes);
	return true;
}

static bool load_value(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;

	step->value = sim_number(value);
	if (step->bytes < sizeof step->value && step->value >> 8 * step->bytes)
		return sim_fail(loader, value, "0x%" G_GINT64_MODIFIER "x does not fit in %u bytes",
		                step->value, step->bytes);
	return true;
}

#define PROPERTIES_WRITE                                                                          \
	{"bytes", &shape_bytes, false, "the size of the write: 1, 2, 4 or 8, 4 if not given",     \
	 load_bytes},                                                                             \
	        {"value", &sim_shape_number, true, "what is written, little-endian", load_value}, \
	{                                                                                         \
		"as", &sim_shape_label, false, SIM_LABEL_DOC, sim_load_label                      \
	}

static const struct sim_property write_properties[] = {
        PROPERTIES_WRITE,
        {"after", &sim_shape_after, false, SIM_AFTER_DOC, sim_load_after},
};
const struct sim_object sim_object_write = {
        .name = "write",
        .doc = "the vCPU writes to memory of its VM, in one piece",
        .properties = write_properties,
        .count = G_N_ELEMENTS(write_properties),
};

static const struct sim_property setup_write_properties[] = {
        {"at", &sim_shape_address, true, "where: a physical address of the VM's memory", load_at},
        PROPERTIES_WRITE,
};
const struct sim_object sim_object_setup_write = {
        .name = "setup-write",
        .doc = "the vCPU writes to memory of its VM, in one piece",
        .properties = setup_write_properties,
        .count = G_N_ELEMENTS(setup_write_properties),
};

/* The memory of an endpoint is the machine's, one piece after the other; see world.h. */
static bool check_address(struct sim_loader *loader, const struct sim_json_value *value,
                          const struct sim_step *step)
{
	uint64_t start = world_vm_memory(step->vm), offset = step->address - start;

	if (step->address < start || offset >= SHIM_ENDPOINT_SIZE)
		return sim_fail(loader, value,
		                "0x%" G_GINT64_MODIFIER
		                "x is no memory of '%s', which is 0x%" G_GINT64_MODIFIER
		                "x to 0x%" G_GINT64_MODIFIER "x",
		                step->address, loader->scenario->machine.vms[step->vm].name, start,
		                (guint64)(start + SHIM_ENDPOINT_SIZE - 1));
	if (step->address % step->bytes)
		return sim_fail(loader, value,
		                "0x%" G_GINT64_MODIFIER "x is not aligned to %u bytes",
		                step->address, step->bytes);
	return true;
}

bool sim_load_write(struct sim_loader *loader, const struct sim_json_value *value,
                    const struct sim_json_value *at, struct sim_step *step)
{
	step->action = SIM_ACTION_WRITE;
	step->bytes = DEFAULT_BYTES;
	if (!sim_check_shape(loader, at, &sim_shape_address))
		return false;
	step->address = sim_number(at);
	return sim_load_object(loader, value, &sim_object_write, at, NULL, step) &&
	       check_address(loader, at, step);
}

bool sim_load_setup_write(struct sim_loader *loader, const struct sim_json_value *value,
                          const struct sim_json_value *verb, struct sim_step *step)
{
	step->action = SIM_ACTION_WRITE;
	step->bytes = DEFAULT_BYTES;
	return sim_load_object(loader, value, &sim_object_setup_write, verb, NULL, step) &&
	       check_address(loader, verb, step);
}
