/* SPDX-License-Identifier: MIT */
/* What SPs do of their own: steps of the host, since an SP has no thread. */
#include <string.h>

#include "sim/scenario/load.h"

static const struct sim_shape shape_sp_name = {
        .kind = SIM_SHAPE_TEXT, .what = "an SP name", .min = 1, .max = SIM_NAME_SIZE - 1};
static const struct sim_shape shape_vm_name = {
        .kind = SIM_SHAPE_TEXT, .what = "a VM name", .min = 1, .max = SIM_NAME_SIZE - 1};
static const struct sim_shape shape_bitmap = {
        .kind = SIM_SHAPE_NUMBER, .what = "a bitmap", .max = UINT64_MAX};
static const struct sim_shape shape_payload = {
        .kind = SIM_SHAPE_NUMBER, .what = "a payload", .max = UINT64_MAX};
static const struct sim_shape shape_flags = {
        .kind = SIM_SHAPE_NUMBER, .what = "flags", .max = UINT32_MAX};

static bool load_sp(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	const struct sim_machine *machine = &loader->scenario->machine;
	const char *name = sim_string(value);
	struct sim_step *step = into;
	struct sim_suggest suggest;
	g_autofree char *hint = NULL;

	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; i < machine->sp_count; i++) {
		if (strcmp(machine->sps[i].name, name) == 0) {
			step->sp = i;
			return true;
		}
		sim_suggest_offer(&suggest, machine->sps[i].name);
	}
	hint = sim_suggest_text(&suggest);
	return sim_fail(loader, value, "unknown SP '%s'%s", name, hint);
}

/* Both name an SP and a VM; who is the sender is the call's. */
static bool load_pair(struct sim_loader *loader, const struct sim_json_value *value,
                      struct sim_step *step, uint32_t fid)
{
	const struct sim_machine *machine = &loader->scenario->machine;
	uint16_t sp = machine->sps[step->sp].id.v;

	if (!sim_find_vm(loader, value, sim_string(value), &step->vm))
		return false;
	step->regs.x[0] = fid;
	step->regs.x[1] = fid == FFA_NOTIFICATION_SET_32 || fid == FFA_MSG_SEND2_32
	                          ? ffa_pair(sp, machine->vms[step->vm].id.v)
	                          : ffa_pair(machine->vms[step->vm].id.v, sp);
	/* one that is refused unnoticed would make a scenario pass for nothing */
	step->expect = (struct sim_expect){.given = true, .has_status = true, .place = step->place};
	return true;
}

static bool load_receiver(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return load_pair(loader, value, into, FFA_NOTIFICATION_SET_32);
}

static bool load_sender(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return load_pair(loader, value, into, FFA_NOTIFICATION_BIND_32);
}

static bool load_former_sender(struct sim_loader *loader, const struct sim_json_value *value,
                               void *into)
{
	return load_pair(loader, value, into, FFA_NOTIFICATION_UNBIND_32);
}

static bool load_addressee(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	return load_pair(loader, value, into, FFA_MSG_SEND2_32);
}

/* A bitmap and a payload alike: two words, the low one first. */
static bool load_words(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;
	uint64_t words = sim_number(value);

	(void)loader;
	step->regs.x[3] = (uint32_t)words;
	step->regs.x[4] = words >> 32;
	return true;
}

static bool load_flags(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_step *step = into;

	(void)loader;
	step->regs.x[2] = sim_number(value);
	return true;
}

#define PROPERTY_SP                                                      \
	{                                                                \
		"sp", &shape_sp_name, true, "the SP that calls", load_sp \
	}
#define PROPERTIES_LABEL                                                        \
	{"as", &sim_shape_label, false, SIM_LABEL_DOC, sim_load_label},         \
	{                                                                       \
		"after", &sim_shape_after, false, SIM_AFTER_DOC, sim_load_after \
	}
#define PROPERTY_EXPECT                                                                           \
	{                                                                                         \
		"expect", &sim_shape_status, false,                                               \
		        "what the SPMC must answer the SP, SUCCESS if not given", sim_load_expect \
	}

static const struct sim_property set_properties[] = {
        PROPERTY_SP,
        {"vm", &shape_vm_name, true, "the VM that receives", load_receiver},
        {"bitmap", &shape_bitmap, true, "the notifications", load_words},
        {"flags", &shape_flags, false,
         "w2: 1 for a vCPU's, 2 to delay the interrupt, the vCPU in bits 31:16", load_flags},
        PROPERTIES_LABEL,
        PROPERTY_EXPECT,
};
const struct sim_object sim_object_sp_set = {
        .name = "sp-set",
        .doc = "an SP sets notifications of a VM at the SPMC",
        .properties = set_properties,
        .count = G_N_ELEMENTS(set_properties),
};

static const struct sim_property bind_properties[] = {
        PROPERTY_SP,
        {"vm", &shape_vm_name, true, "the VM that may send", load_sender},
        {"bitmap", &shape_bitmap, true, "the notifications", load_words},
        PROPERTIES_LABEL,
        PROPERTY_EXPECT,
};
const struct sim_object sim_object_sp_bind = {
        .name = "sp-bind",
        .doc = "an SP binds notifications of its own to a VM",
        .properties = bind_properties,
        .count = G_N_ELEMENTS(bind_properties),
};

static const struct sim_property unbind_properties[] = {
        PROPERTY_SP,
        {"vm", &shape_vm_name, true, "the VM that could send", load_former_sender},
        {"bitmap", &shape_bitmap, true, "the notifications", load_words},
        PROPERTIES_LABEL,
        PROPERTY_EXPECT,
};
const struct sim_object sim_object_sp_unbind = {
        .name = "sp-unbind",
        .doc = "an SP takes notifications of its own back from a VM",
        .properties = unbind_properties,
        .count = G_N_ELEMENTS(unbind_properties),
};

static const struct sim_property send_properties[] = {
        PROPERTY_SP,
        {"vm", &shape_vm_name, true, "the VM that receives; only the host, id 0, can",
         load_addressee},
        {"value", &shape_payload, true, "the message, 8 bytes", load_words},
        PROPERTIES_LABEL,
        PROPERTY_EXPECT,
};
const struct sim_object sim_object_sp_send = {
        .name = "sp-send",
        .doc = "an SP sends an indirect message into the RX buffer of the host",
        .properties = send_properties,
        .count = G_N_ELEMENTS(send_properties),
};
