/* SPDX-License-Identifier: MIT */
#include "tests/bench/machine.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CONTEXTS = 4 };

struct shim_link machine_link;
struct world machine_world;

char *machine_path(const char *beside)
{
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = g_path_get_dirname(program ? program : ".");

	/* BUILD/tests/bench/bench */
	return g_build_filename(folder, "..", "..", beside, NULL);
}

static const char *open_link(const char *transport)
{
	bool aarch64 = strcmp(transport, "aarch64") == 0, shared = strcmp(transport, "inline") == 0;
	g_autofree char *path = machine_path(aarch64  ? "../aarch64/subjects/hypervisor-plain"
	                                     : shared ? "subjects/hypervisor-plain.so"
	                                              : "subjects/hypervisor-plain");
	const char *const argv[] = {"qemu-aarch64", path, NULL};

	shim_link_init(&machine_link, 0);
	if (access(path, F_OK) != 0)
		return "not built; tools/test --quick builds it";
	if (shared ? shim_link_open_inline(&machine_link, path)
	           : shim_link_open_process(&machine_link, aarch64 ? argv : argv + 1))
		return machine_link.error;
	return NULL;
}

/* Runs an entry that cannot fail to its end; one that does not end is not worth measuring. */
static bool finish(uint32_t context)
{
	enum world_stop stop;

	do
		stop = world_resume(&machine_world, context, 0);
	while (stop == WORLD_STOP_POINT);
	world_collect(&machine_world, context, NULL);
	return stop == WORLD_STOP_DONE;
}

static bool make_vm(uint32_t vm)
{
	struct ffa_regs regs = {{FFA_VERSION_32, FFA_VERSION_1_2}};

	world_start_vm_create(&machine_world, 0, vm);
	if (!finish(0))
		return false;
	for (uint32_t vcpu = 0; vcpu < 2; vcpu++) {
		world_start_vcpu_on(&machine_world, 0, vm, vcpu);
		if (!finish(0))
			return false;
	}
	machine_call(vm, &regs);
	return (uint32_t)regs.x[0] == FFA_VERSION_1_2;
}

const char *machine_open(const char *transport)
{
	static struct world_config config;
	const char *why = open_link(transport);

	if (why)
		return why;
	config.vm_count = 2;
	for (unsigned i = 0; i < 2; i++)
		config.vms[i] =
		        (struct world_vm_config){.id = ffa_make_id(1 + i), .vcpus = 2, .online = 3};
	world_init(&machine_world, &machine_link);
	world_reset(&machine_world, &config, CONTEXTS);
	world_start_boot(&machine_world, 0);
	return finish(0) && make_vm(0) && make_vm(1) ? NULL : "the machine does not start";
}

void machine_close(void)
{
	if (machine_world.link)
		world_finish(&machine_world);
	shim_link_close(&machine_link);
}

void machine_call(unsigned vm, struct ffa_regs *regs)
{
	world_start_call(&machine_world, 0, vm, 0, regs);
	while (world_resume(&machine_world, 0, 0) == WORLD_STOP_POINT)
		;
	world_collect(&machine_world, 0, regs);
}

void machine_call_shim(unsigned vm, struct ffa_regs *regs)
{
	struct shim_slot *slot = shim_slot(&machine_link.map, 0);

	slot->state = SHIM_SLOT_READY;
	slot->entry = SHIM_ENTRY_GUEST_CALL;
	slot->entry_arg[0] = 1 + vm;
	slot->entry_arg[1] = 0;
	slot->regs = *regs;
	shim_link_resume(&machine_link, 0, 0);
	*regs = slot->regs;
	slot->state = SHIM_SLOT_IDLE;
}

void machine_stop_inside(void)
{
	const struct ffa_regs regs = {{FFA_ID_GET_32}};

	world_start_call(&machine_world, 1, 0, 1, &regs);
	world_resume(&machine_world, 1, SHIM_MASK(UNLOCK));
}
