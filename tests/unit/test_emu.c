/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_emu.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>
struct emu emu;

static const char *const event_names[] = {
#define X(name, contract) [WORLD_EVENT_##name] = #name,
        WORLD_EVENTS(X)
#undef X
};

char *emu_path(const char *transport, const char *folder, const char *name)
{
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *here = g_path_get_dirname(program);
	const char *build = strcmp(transport, "aarch64") == 0 ? "../../aarch64" : "..";
	g_autofree char *file =
	        g_strconcat(name, strcmp(transport, "inline") == 0 ? ".so" : "", NULL);

	return g_build_filename(here, build, folder, file, NULL);
}

void emu_open_link(struct shim_link *link, const char *transport, const char *folder,
                   const char *name)
{
	bool aarch64 = strcmp(transport, "aarch64") == 0;
	g_autofree char *path = emu_path(transport, folder, name);
	const char *argv[] = {"qemu-aarch64", path, NULL};
	int status;

	shim_link_init(link, 0);
	if (aarch64 && access(path, F_OK) != 0)
		fail_test("%s is missing; tools/test builds it", path);
	status = strcmp(transport, "inline") == 0
	                 ? shim_link_open_inline(link, path)
	                 : shim_link_open_process(link, aarch64 ? argv : argv + 1);
	if (status)
		fail_test("%s: %s", path, link->error);
}

static void record(void *user, const struct world_event *event)
{
	(void)user;
	emu.counts[event->kind]++;
	if (event->kind == WORLD_EVENT_LOG) {
		if (emu.value_count == EMU_MAX_VALUES)
			fail_test("more values than EMU_MAX_VALUES");
		emu.values[emu.value_count++] = event->arg[1];
	}
	g_string_append_printf(emu.trace,
	                       "%u %s %d %u.%u %" PRIx64 " %" PRIx64 " %" PRId64 " %s[%x]",
	                       event->context, event_names[event->kind], event->entry, event->vm,
	                       event->vcpu, event->arg[0], event->arg[1], event->result,
	                       event->object.class_name, event->object.owner.v);
	for (unsigned i = 0; event->regs && i < FFA_REG_COUNT; i++)
		g_string_append_printf(emu.trace, " %" PRIx64, event->regs->x[i]);
	g_string_append_printf(emu.trace, " %s\n", event->text ? event->text : "");
}

void emu_boot_again(const struct world_config *config)
{
	static const struct world_config empty;

	world_reset(&emu.world, config ? config : &empty, SHIM_MAX_CONTEXTS - 1);
	world_start_boot(&emu.world, 0);
	emu_finish(0);
	emu_clear();
}

static void boot(const struct world_config *config)
{
	world_init(&emu.world, &emu.link);
	emu.world.on_event = record;
	emu.trace = g_string_new(NULL);
	emu_boot_again(config);
}

void emu_open(const char *transport, const char *name, const struct world_config *config)
{
	emu_open_link(&emu.link, transport, "tests/subjects", name);
	boot(config);
}

void emu_open_mediator(const char *transport, const char *name, const struct world_config *config)
{
	emu_open_link(&emu.link, transport, "subjects", name);
	boot(config);
}

void emu_close(void)
{
	world_finish(&emu.world);
	shim_link_close(&emu.link);
	g_string_free(emu.trace, TRUE);
	emu.trace = NULL;
}

void emu_bare(uint32_t context, uint32_t index)
{
	world_start_bare(&emu.world, context, index);
}

enum world_stop emu_run(uint32_t context, uint64_t mask)
{
	enum world_stop stop = world_resume(&emu.world, context, mask);

	if (stop == WORLD_STOP_LOST)
		fail_test("the subject is lost: %s", emu.link.error);
	return stop;
}

void emu_finish(uint32_t context)
{
	enum world_stop stop;

	do
		stop = emu_run(context, 0);
	while (stop == WORLD_STOP_POINT);
	if (stop == WORLD_STOP_CRASH)
		fail_test("context %u crashed: fault %u, signal %d", context,
		          emu_slot(context)->fault, emu_slot(context)->signal);
	assert_eq_int(stop, WORLD_STOP_DONE);
	world_collect(&emu.world, context, NULL);
}

void emu_do(uint32_t index)
{
	emu_bare(0, index);
	emu_finish(0);
}

uint64_t emu_last(void)
{
	assert_true(emu.value_count > 0);
	return emu.values[emu.value_count - 1];
}

void emu_clear(void)
{
	g_string_truncate(emu.trace, 0);
	emu.value_count = 0;
	memset(emu.counts, 0, sizeof emu.counts);
}
