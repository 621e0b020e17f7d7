/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_model_play.h"

#include <string.h>

#include "tests/test.h"

#define TX_PAGE SHIM_PHYSICAL_BASE
#define RX_PAGE (SHIM_PHYSICAL_BASE + SHIM_PAGE)

struct sim_run play;
const struct ffa_regs success = {{FFA_SUCCESS_32}};

static struct world machine;
static struct shim_link link_of_nobody;
static struct sim_scenario *scenario;
static struct sim_oracle_levels levels;

static void make_machine(void)
{
	machine.link = &link_of_nobody;
	machine.config.vm_count = 3;
	for (unsigned i = 0; i < 3; i++) {
		machine.config.vms[i] =
		        (struct world_vm_config){.id = ffa_make_id(i + 1), .vcpus = 2};
		scenario->machine.vms[i].id = ffa_make_id(i + 1);
		g_snprintf(scenario->machine.vms[i].name, sizeof scenario->machine.vms[i].name,
		           "vm%u", i + 1);
		for (unsigned j = 0; j < 2; j++)
			machine.state.vms[i].vcpus[j].online = true;
	}
	scenario->machine.vm_count = 3;
}

void play_begin(const char *profile)
{
	struct shim_map *map = &link_of_nobody.map;

	if (!map->control) {
		map->control = g_malloc0(sizeof *map->control);
		map->slots = g_malloc0((gsize)SHIM_MAX_CONTEXTS * SHIM_PAGE);
		map->memory = g_malloc0(SHIM_MEMORY_SIZE);
		scenario = g_new0(struct sim_scenario, 1);
	}
	g_strlcpy(map->control->profile, profile, sizeof map->control->profile);
	make_machine();
	sim_report_free(play.report);
	sim_oracle_default_levels(&levels);
	memset(&play, 0, sizeof play);
	play.scenario = scenario;
	play.world = &machine;
	play.levels = &levels;
	play.report = sim_report_new("", "");
}

const char *complaint(void)
{
	const struct sim_finding *first;

	if (!play.report->findings->len)
		return NULL;
	first = g_ptr_array_index(play.report->findings, 0);
	return first->message;
}

static void tell(const struct world_event *event)
{
	sim_model_conduit_part.event(&play, event);
}

void act(unsigned context, enum world_event_kind kind, uint64_t a, uint64_t b, int64_t result)
{
	const struct world_event event = {.kind = kind,
	                                  .context = context,
	                                  .vm = WORLD_NO_VM,
	                                  .arg = {a, b},
	                                  .result = result};

	tell(&event);
}

static void turn(unsigned context, enum world_event_kind kind, enum shim_entry entry, uint64_t a,
                 uint64_t b, int64_t result)
{
	const struct world_event event = {.kind = kind,
	                                  .context = context,
	                                  .entry = entry,
	                                  .vm = WORLD_NO_VM,
	                                  .arg = {a, b},
	                                  .result = result};

	tell(&event);
}

void enter(unsigned context, enum shim_entry entry, uint64_t a, uint64_t b)
{
	turn(context, WORLD_EVENT_ENTER, entry, a, b, 0);
}

void leave(unsigned context, enum shim_entry entry, uint64_t a, int64_t result)
{
	turn(context, WORLD_EVENT_LEAVE, entry, a, 0, result);
}

static void turn_call(unsigned context, enum world_event_kind kind, unsigned vm,
                      const struct ffa_regs *regs)
{
	const struct world_event event = {.kind = kind,
	                                  .context = context,
	                                  .entry = SHIM_ENTRY_GUEST_CALL,
	                                  .vm = vm - 1,
	                                  .regs = regs};

	tell(&event);
}

void call(unsigned context, unsigned vm, struct ffa_regs regs)
{
	shim_slot(&link_of_nobody.map, context)->entry_arg[2] = regs.x[0];
	turn_call(context, WORLD_EVENT_ENTER, vm, &regs);
}

void answer(unsigned context, unsigned vm, struct ffa_regs regs)
{
	turn_call(context, WORLD_EVENT_LEAVE, vm, &regs);
}

void smc(unsigned context, struct ffa_regs said, struct ffa_regs answered)
{
	struct world_event event = {
	        .kind = WORLD_EVENT_SMC, .context = context, .vm = WORLD_NO_VM, .regs = &said};

	tell(&event);
	event.kind = WORLD_EVENT_SMC_DONE;
	event.regs = &answered;
	tell(&event);
}

void inject(unsigned context, unsigned vm, unsigned vcpu)
{
	const struct world_event event = {
	        .kind = WORLD_EVENT_INJECT,
	        .context = context,
	        .vm = vm - 1,
	        .vcpu = vcpu,
	        .arg = {8, SHIM_INJECT_ACCEPTED},
	        .result = SHIM_INJECT_ACCEPTED,
	};

	tell(&event);
}

void set_online(unsigned vm, unsigned vcpu, bool online)
{
	const struct world_event event = {.kind = online ? WORLD_EVENT_VCPU_ON
	                                                 : WORLD_EVENT_VCPU_OFF,
	                                  .context = 0,
	                                  .vm = vm - 1,
	                                  .vcpu = vcpu};

	machine.state.vms[vm - 1].vcpus[vcpu].online = online;
	tell(&event);
}

struct ffa_regs error(enum ffa_status status)
{
	return (struct ffa_regs){{FFA_ERROR_32, 0, (uint32_t)status}};
}

struct ffa_regs response(uint16_t sp, uint32_t event, enum ffa_status status)
{
	return (struct ffa_regs){{FFA_MSG_SEND_DIRECT_RESP_32, (uint32_t)sp << 16,
	                          0x80000001u + event, (uint32_t)status}};
}

struct ffa_regs event_of(uint16_t sp, uint32_t event, uint16_t vm)
{
	return (struct ffa_regs){{FFA_MSG_SEND_DIRECT_REQ_32, sp, 0x80000000u + event, 0, 0, vm}};
}

void say_version(uint32_t theirs)
{
	act(0, WORLD_EVENT_ALLOC, 0, 0, 1);
	smc(0, (struct ffa_regs){{FFA_VERSION_32, FFA_VERSION_1_2}}, (struct ffa_regs){{theirs}});
}

void say_id(void)
{
	smc(0, (struct ffa_regs){{FFA_ID_GET_32}}, success);
}

static void ask(uint32_t what, uint32_t lacks)
{
	struct ffa_regs yes = success;

	if (what == FFA_FEATURE_SRI)
		yes.x[2] = SRI;
	smc(0, (struct ffa_regs){{FFA_FEATURES_32, what}},
	    what == lacks ? error(FFA_NOT_SUPPORTED) : yes);
}

static void ask_for(uint32_t lacks, uint32_t skipped)
{
	static const uint32_t all[] = {
	        FFA_FEATURE_SRI,
	        FFA_RXTX_MAP_64,
	        FFA_RX_RELEASE_32,
	        FFA_PARTITION_INFO_GET_32,
	        FFA_MSG_SEND_DIRECT_REQ_32,
	        FFA_NOTIFICATION_BITMAP_CREATE_32,
	        FFA_NOTIFICATION_BITMAP_DESTROY_32,
	        FFA_NOTIFICATION_BIND_32,
	        FFA_NOTIFICATION_UNBIND_32,
	        FFA_NOTIFICATION_SET_32,
	        FFA_NOTIFICATION_GET_32,
	        FFA_NOTIFICATION_INFO_GET_64,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (all[i] != skipped)
			ask(all[i], lacks);
}

void ask_all(uint32_t lacks)
{
	ask_for(lacks, 0);
}

void ask_all_but(uint32_t skipped)
{
	ask_for(0, skipped);
}

void map_pages(void)
{
	act(0, WORLD_EVENT_PAGE_ALLOC, 0, 0, (int64_t)TX_PAGE);
	act(0, WORLD_EVENT_PAGE_ALLOC, 0, 0, (int64_t)RX_PAGE);
	machine.state.spmc.rx_page = RX_PAGE;
	smc(0, (struct ffa_regs){{FFA_RXTX_MAP_64, TX_PAGE, RX_PAGE, 1}}, success);
}

/* Descriptors of 24 bytes: the id in the first two, properties from the fourth on. */
void list_sps_as(const struct listed *sps, unsigned count, uint32_t size)
{
	struct ffa_regs listed = {{FFA_SUCCESS_32, 0, count, size}};
	uint8_t *page = link_of_nobody.map.memory + SHIM_PAGE;

	for (unsigned i = 0; i < count; i++, page += 24) {
		page[0] = (uint8_t)sps[i].id;
		page[1] = (uint8_t)(sps[i].id >> 8);
		page[4] = (uint8_t)sps[i].properties;
	}
	smc(0, (struct ffa_regs){{FFA_PARTITION_INFO_GET_32}}, listed);
}

void list_sps(const struct listed *sps, unsigned count)
{
	list_sps_as(sps, count, 24);
}

void release_rx(void)
{
	smc(0, (struct ffa_regs){{FFA_RX_RELEASE_32}}, success);
}

void play_boot(uint32_t lacks, const struct listed *sps, unsigned count, bool open)
{
	play_begin("multi-vm-1.2");
	say_version(FFA_VERSION_1_2);
	say_id();
	ask_all(lacks);
	map_pages();
	list_sps(sps, count);
	release_rx();
	if (!open)
		leave(0, SHIM_ENTRY_BOOT, 0, FFA_OK);
}

void play_vm(unsigned vm)
{
	enter(0, SHIM_ENTRY_VM_CREATE, vm, 2);
	smc(0, (struct ffa_regs){{FFA_NOTIFICATION_BITMAP_CREATE_32, vm, 2}}, success);
	leave(0, SHIM_ENTRY_VM_CREATE, vm, FFA_OK);
	call(0, vm, (struct ffa_regs){{FFA_VERSION_32, FFA_VERSION_1_2}});
	answer(0, vm, (struct ffa_regs){{FFA_VERSION_1_2}});
	call(0, vm, (struct ffa_regs){{FFA_ID_GET_32}});
	answer(0, vm, (struct ffa_regs){{FFA_SUCCESS_32, 0, vm}});
}
