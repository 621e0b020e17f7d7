/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/load.h"

#define HOST_CPUS 4u

/* At the key where name is the key of the value, else at the value. */
static bool fail_name(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                      const char *message)
{
	return name == at->key ? sim_fail_key(loader, at, "%s", message)
	                       : sim_fail(loader, at, "%s", message);
}

static int vm_index(const struct sim_machine *machine, const char *name)
{
	for (unsigned i = 0; i < machine->vm_count; i++)
		if (strcmp(machine->vms[i].name, name) == 0)
			return (int)i;
	return -1;
}

static char *unknown_vm(const struct sim_machine *machine, const char *name)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; i < machine->vm_count; i++)
		sim_suggest_offer(&suggest, machine->vms[i].name);
	hint = sim_suggest_text(&suggest);
	return g_strdup_printf("unknown VM '%s'%s", name, hint);
}

bool sim_find_vm(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                 unsigned *ret_vm)
{
	int vm = vm_index(&loader->scenario->machine, name);

	if (vm < 0) {
		g_autofree char *message = unknown_vm(&loader->scenario->machine, name);

		return fail_name(loader, at, name, message);
	}
	*ret_vm = (unsigned)vm;
	return true;
}

/* "1" of "vm1.1"; numbers are written without leading zeros. */
static bool parse_ordinal(const char *text, uint64_t *ret_number)
{
	return sim_matches(text, "^(0|[1-9][0-9]*)$") &&
	       g_ascii_string_to_unsigned(text, 10, 0, UINT32_MAX, ret_number, NULL);
}

bool sim_find_vcpu(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                   unsigned *ret_vm, unsigned *ret_vcpu)
{
	const struct sim_machine *machine = &loader->scenario->machine;
	const char *dot = strrchr(name, '.');
	g_autofree char *vm_name = dot ? g_strndup(name, (size_t)(dot - name)) : NULL;
	g_autofree char *message = NULL;
	uint64_t vcpu;
	int vm;

	if (!dot || !parse_ordinal(dot + 1, &vcpu)) {
		message = g_strdup_printf("'%s' is no vCPU (write the VM, a dot and the number, "
		                          "such as '%s.0')",
		                          name, machine->vms[0].name);
		return fail_name(loader, at, name, message);
	}
	vm = vm_index(machine, vm_name);
	if (vm < 0) {
		message = unknown_vm(machine, vm_name);
		return fail_name(loader, at, name, message);
	}
	if (vcpu >= machine->vms[vm].vcpus) {
		message = g_strdup_printf("'%s' has no vCPU %u: it has %u", vm_name, (unsigned)vcpu,
		                          machine->vms[vm].vcpus);
		return fail_name(loader, at, name, message);
	}
	*ret_vm = (unsigned)vm;
	*ret_vcpu = (unsigned)vcpu;
	return true;
}

char *sim_unknown_call(const char *name)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, name);
	for (size_t i = 0; i < ffa_call_count(); i++)
		if (*ffa_call_at(i)->name)
			sim_suggest_offer(&suggest, ffa_call_at(i)->name);
	hint = sim_suggest_text(&suggest);
	return g_strdup_printf("unknown call '%s'%s", name, hint);
}

bool sim_find_call(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                   uint32_t *ret_fid)
{
	g_autofree char *message = NULL;
	uint64_t number;

	if (ffa_call_by_name(name, ret_fid))
		return true;
	if (!g_str_has_prefix(name, "0x") || !sim_parse_number(at, &number)) {
		message = sim_unknown_call(name);
		return sim_fail(loader, at, "%s", message);
	}
	if (number > UINT32_MAX)
		return sim_fail(loader, at, "function id %s does not fit in 32 bits", name);
	*ret_fid = (uint32_t)number;
	return true;
}

bool sim_call_widths(const char *name, uint32_t *ret_fids, unsigned *ret_count)
{
	const struct ffa_call *call = ffa_call_by_name(name, &ret_fids[0]);

	*ret_count = 1;
	if (!call)
		return false;
	if (strcmp(name, call->name) == 0 && call->fid[FFA_WIDTH_32] && call->fid[FFA_WIDTH_64]) {
		ret_fids[0] = call->fid[FFA_WIDTH_32];
		ret_fids[1] = call->fid[FFA_WIDTH_64];
		*ret_count = 2;
	}
	return true;
}

bool sim_find_widths(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                     uint32_t *ret_fids, unsigned *ret_count)
{
	return sim_call_widths(name, ret_fids, ret_count) ||
	       sim_find_call(loader, at, name, &ret_fids[0]);
}

static bool parse_actor(struct sim_loader *loader, const struct sim_json_value *at,
                        const char *name, struct sim_thread *thread)
{
	uint64_t cpu;

	if (strcmp(name, "host") == 0)
		return true;
	if (g_str_has_prefix(name, "host.")) {
		if (parse_ordinal(name + strlen("host."), &cpu) && cpu > 0 && cpu < HOST_CPUS)
			return true;
		return fail_name(loader, at, name,
		                 "the CPUs of the host are 'host', 'host.1', "
		                 "'host.2' and 'host.3'");
	}
	thread->is_vcpu = true;
	return sim_find_vcpu(loader, at, name, &thread->vm, &thread->vcpu);
}

bool sim_find_actor(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                    unsigned *ret_thread)
{
	struct sim_scenario *scenario = loader->scenario;
	struct sim_thread thread = {.place = sim_place_of(loader, at)};

	for (unsigned i = 0; i < scenario->thread_count; i++) {
		if (strcmp(scenario->threads[i].name, name) == 0) {
			*ret_thread = i;
			return true;
		}
	}
	if (!parse_actor(loader, at, name, &thread))
		return false;
	if (scenario->thread_count == SIM_MAX_THREADS) {
		g_autofree char *message = g_strdup_printf(
		        "'%s' is one actor more than the limit of %u", name, SIM_MAX_THREADS);

		return fail_name(loader, at, name, message);
	}
	sim_copy_name(thread.name, name);
	*ret_thread = scenario->thread_count;
	scenario->threads[scenario->thread_count++] = thread;
	return true;
}
