/* SPDX-License-Identifier: MIT */
#include "sim/trace/contract.h"

#include "abi/ffa_decode.h"
#include "abi/ffa_text.h"

typedef void format_event(const struct sim_run *run, const struct world_event *event, GString *out);

struct event_format {
	const char *verb;
	format_event *format; /* may be NULL: the verb says it all */
};

static const char *const entry_names[] = {
        [SHIM_ENTRY_NONE] = "nothing",          [SHIM_ENTRY_BOOT] = "boot",
        [SHIM_ENTRY_SHUTDOWN] = "shutdown",     [SHIM_ENTRY_VM_CREATE] = "vm-create",
        [SHIM_ENTRY_VM_DESTROY] = "vm-destroy", [SHIM_ENTRY_GUEST_CALL] = "call",
        [SHIM_ENTRY_VCPU_ON] = "vcpu-on",       [SHIM_ENTRY_VCPU_OFF] = "vcpu-off",
        [SHIM_ENTRY_INTERRUPT] = "interrupt",   [SHIM_ENTRY_WORK] = "work",
        [SHIM_ENTRY_TIMER] = "timer",           [SHIM_ENTRY_BARE] = "bare",
};

_Static_assert(G_N_ELEMENTS(entry_names) == SHIM_ENTRY_COUNT, "every entry has a name");

static const char *vm_name(const struct sim_run *run, uint32_t vm)
{
	return vm < run->scenario->machine.vm_count ? run->scenario->machine.vms[vm].name : "no-vm";
}

static void format_call(const struct sim_run *run, const struct world_event *event, GString *out)
{
	char text[FFA_TEXT_SIZE];

	sim_describe_call(run->scenario, event->regs, text, sizeof text);
	g_string_append_printf(out, " %s", text);
}

/* An answer means what its call makes it mean; the context remembers the call. */
static void format_answer(const struct sim_run *run, const struct world_event *event, GString *out)
{
	const struct shim_slot *slot = shim_slot(&run->world->link->map, event->context);
	uint32_t fid = (uint32_t)slot->entry_arg[2];
	char text[FFA_TEXT_SIZE];

	if (event->kind == WORLD_EVENT_SMC_DONE)
		fid = run->world->state.contexts[event->context].smc;
	else if (event->kind == WORLD_EVENT_SP_RETURN)
		fid = (uint32_t)event->arg[1];
	sim_describe_answer(run->scenario, fid, event->regs, text, sizeof text);
	g_string_append_printf(out, " %s", text);
}

static void append_entry(const struct sim_run *run, const struct world_event *event, GString *out)
{
	g_string_append_printf(out, " %s", entry_names[event->entry]);
	if (event->vm == WORLD_NO_VM)
		return;
	g_string_append_printf(out, " %s", vm_name(run, event->vm));
	if (event->entry == SHIM_ENTRY_VCPU_ON || event->entry == SHIM_ENTRY_VCPU_OFF)
		g_string_append_printf(out, ".%u", event->vcpu);
}

static void format_enter(const struct sim_run *run, const struct world_event *event, GString *out)
{
	append_entry(run, event, out);
}

static bool has_status(enum shim_entry entry)
{
	return entry == SHIM_ENTRY_BOOT || entry == SHIM_ENTRY_VM_CREATE;
}

static void format_leave(const struct sim_run *run, const struct world_event *event, GString *out)
{
	const char *status = ffa_status_name((int32_t)event->result);

	append_entry(run, event, out);
	if (has_status(event->entry))
		g_string_append_printf(out, " %s", status ? status : "unknown status");
}

static void format_object(const struct sim_run *run, const struct world_event *event, GString *out)
{
	char name[64];

	g_string_append_printf(out, " %s",
	                       sim_object_name(run->scenario, &event->object, name, sizeof name));
}

static void append_vcpu(const struct sim_run *run, const struct world_event *event, GString *out)
{
	g_string_append_printf(out, " %s.%u", vm_name(run, event->vm), event->vcpu);
}

static void format_inject(const struct sim_run *run, const struct world_event *event, GString *out)
{
	static const char *const results[] = {
	        [SHIM_INJECT_DROPPED] = "dropped",
	        [SHIM_INJECT_ACCEPTED] = "accepted",
	        [SHIM_INJECT_UNKNOWN] = "unknown",
	};

	append_vcpu(run, event, out);
	g_string_append_printf(out, " intid=%u %s", (unsigned)event->arg[0],
	                       results[event->arg[1]]);
	if (event->result != (int64_t)event->arg[1])
		g_string_append_printf(out, " (told %s)", results[event->result]);
}

static void format_online(const struct sim_run *run, const struct world_event *event, GString *out)
{
	append_vcpu(run, event, out);
	g_string_append(out, event->result ? " yes" : " no");
}

static void format_take(const struct sim_run *run, const struct world_event *event, GString *out)
{
	(void)run;
	g_string_append_printf(out, " intid=%u", (unsigned)event->arg[0]);
}

static void format_write(const struct sim_run *run, const struct world_event *event, GString *out)
{
	(void)run;
	g_string_append_printf(out,
	                       " 0x%" G_GINT64_MODIFIER "x=0x%" G_GINT64_MODIFIER "x (%u bytes)",
	                       event->arg[0], event->arg[1], (unsigned)event->result);
}

static void format_vcpu(const struct sim_run *run, const struct world_event *event, GString *out)
{
	append_vcpu(run, event, out);
}

static void format_vm(const struct sim_run *run, const struct world_event *event, GString *out)
{
	g_string_append_printf(out, " %s", vm_name(run, event->vm));
}

static void format_physical(const struct sim_run *run, const struct world_event *event,
                            GString *out)
{
	(void)run;
	g_string_append_printf(out, " 0x%" G_GINT64_MODIFIER "x", event->arg[0]);
}

static void format_page_alloc(const struct sim_run *run, const struct world_event *event,
                              GString *out)
{
	(void)run;
	if (event->result)
		g_string_append_printf(out, " 0x%" G_GINT64_MODIFIER "x", (uint64_t)event->result);
	else
		g_string_append(out, " fails");
}

static void format_map(const struct sim_run *run, const struct world_event *event, GString *out)
{
	g_string_append_printf(out, " %s 0x%" G_GINT64_MODIFIER "x%s", vm_name(run, event->vm),
	                       event->arg[0], event->result ? "" : " refused");
}

static void format_number(const struct sim_run *run, const struct world_event *event, GString *out)
{
	(void)run;
	g_string_append_printf(out, " %u", (unsigned)event->arg[0]);
}

static void format_timer(const struct sim_run *run, const struct world_event *event, GString *out)
{
	format_number(run, event, out);
	g_string_append_printf(out, " in %" G_GUINT64_FORMAT "ns", event->arg[1]);
}

static const char *sp_name(const struct sim_run *run, const struct world_event *event)
{
	const struct sim_machine *machine = &run->scenario->machine;

	return event->arg[0] < machine->sp_count ? machine->sps[event->arg[0]].name : "no-sp";
}

static void format_sp_call(const struct sim_run *run, const struct world_event *event, GString *out)
{
	g_string_append_printf(out, " %s", sp_name(run, event));
	format_call(run, event, out);
}

static void format_sp_return(const struct sim_run *run, const struct world_event *event,
                             GString *out)
{
	g_string_append_printf(out, " %s", sp_name(run, event));
	format_answer(run, event, out);
}

static void format_time(const struct sim_run *run, const struct world_event *event, GString *out)
{
	(void)run;
	g_string_append_printf(out, " %" G_GUINT64_FORMAT "ns", event->arg[0]);
}

static void format_alloc(const struct sim_run *run, const struct world_event *event, GString *out)
{
	(void)run;
	g_string_append_printf(out, " %" G_GUINT64_FORMAT " bytes%s", event->arg[0],
	                       event->result ? "" : " fails");
}

static void format_log(const struct sim_run *run, const struct world_event *event, GString *out)
{
	static const char *const levels[] = {"debug", "info", "warning", "error"};
	const char *level = event->arg[0] < G_N_ELEMENTS(levels) ? levels[event->arg[0]] : "?";

	(void)run;
	g_string_append_printf(out, " %s: %.200s 0x%" G_GINT64_MODIFIER "x", level, event->text,
	                       event->arg[1]);
}

static void format_access(const struct sim_run *run, const struct world_event *event, GString *out)
{
	(void)run;
	g_string_append_printf(out, " %s %" G_GUINT64_FORMAT " bytes",
	                       event->result ? "write" : "read", event->arg[1]);
}

static const struct event_format formats[] = {
        [WORLD_EVENT_ENTER] = {"enter", format_enter},
        [WORLD_EVENT_LEAVE] = {"leave", format_leave},
        [WORLD_EVENT_SMC] = {"smc", format_call},
        [WORLD_EVENT_SMC_DONE] = {"smc-done", format_answer},
        [WORLD_EVENT_SPMC_STOPPED] = {"spmc-stopped", NULL},
        [WORLD_EVENT_WAIT] = {"wait", format_object},
        [WORLD_EVENT_LOCK] = {"lock", format_object},
        [WORLD_EVENT_LOCK_FAILED] = {"trylock-failed", format_object},
        [WORLD_EVENT_UNLOCK] = {"unlock", format_object},
        [WORLD_EVENT_INJECT] = {"inject", format_inject},
        [WORLD_EVENT_ONLINE] = {"online?", format_online},
        [WORLD_EVENT_TAKE] = {"take", format_take},
        [WORLD_EVENT_VCPU_ON] = {"on-line", format_vcpu},
        [WORLD_EVENT_VCPU_OFF] = {"off-line", format_vcpu},
        [WORLD_EVENT_VM_LIVE] = {"live", format_vm},
        [WORLD_EVENT_VM_GONE] = {"gone", format_vm},
        [WORLD_EVENT_PAGE_ALLOC] = {"page-alloc", format_page_alloc},
        [WORLD_EVENT_PAGE_FREE] = {"page-free", format_physical},
        [WORLD_EVENT_MAP] = {"map", format_map},
        [WORLD_EVENT_UNMAP] = {"unmap", format_physical},
        [WORLD_EVENT_DEFER] = {"defer", format_number},
        [WORLD_EVENT_TIMER_SET] = {"timer-set", format_timer},
        [WORLD_EVENT_VM_HELD] = {"held", format_vm},
        [WORLD_EVENT_SP_CALL] = {"sp-call", format_sp_call},
        [WORLD_EVENT_SP_RETURN] = {"sp-return", format_sp_return},
        [WORLD_EVENT_WRITE] = {"write", format_write},
        [WORLD_EVENT_TIME] = {"time", format_time},
        [WORLD_EVENT_ALLOC] = {"alloc", format_alloc},
        [WORLD_EVENT_WINDOW] = {"window", NULL},
        [WORLD_EVENT_ALLOCATED] = {"allocated", NULL},
        [WORLD_EVENT_FREE] = {"free", NULL},
        [WORLD_EVENT_LOG] = {"log", format_log},
        [WORLD_EVENT_ACCESS] = {"access", format_access},
};

_Static_assert(G_N_ELEMENTS(formats) == WORLD_EVENT_COUNT, "every event has a format");

static const bool is_contract[] = {
#define X(name, contract) [WORLD_EVENT_##name] = (contract),
        WORLD_EVENTS(X)
#undef X
};

static const char *actor_of(const struct sim_run *run, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_TAKE || event->kind == WORLD_EVENT_TIME ||
	    event->kind == WORLD_EVENT_SP_CALL || event->kind == WORLD_EVENT_SP_RETURN ||
	    event->kind == WORLD_EVENT_WRITE)
		return sim_actor_name(run, run->state.stepping);
	return sim_actor_name(run, event->context);
}

static void append_event(const struct sim_run *run, const struct world_event *event, GString *out)
{
	const struct event_format *format = &formats[event->kind];
	bool guest_call = event->entry == SHIM_ENTRY_GUEST_CALL;

	g_string_append_printf(out, "%s%s ", is_contract[event->kind] ? "" : "# ",
	                       actor_of(run, event));
	if (event->kind == WORLD_EVENT_ENTER && guest_call) {
		g_string_append(out, "call");
		format_call(run, event, out);
	} else if (event->kind == WORLD_EVENT_LEAVE && guest_call) {
		g_string_append(out, "return");
		format_answer(run, event, out);
	} else {
		g_string_append(out, format->verb);
		if (format->format)
			format->format(run, event, out);
	}
	g_string_append_c(out, '\n');
}

void sim_trace_event(struct sim_run *run, const struct world_event *event)
{
	gsize start = run->diagnostics->len;

	append_event(run, event, run->diagnostics);
	if (is_contract[event->kind])
		g_string_append(run->trace, run->diagnostics->str + start);
}
