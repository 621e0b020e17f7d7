/* SPDX-License-Identifier: MIT */
/* Names of endpoints, objects and actors as the scenario's author knows them. */
#include "abi/ffa_text.h"
#include "sim/run.h"

const char *sim_endpoint_name(const struct sim_scenario *scenario, struct ffa_id id, char *buffer,
                              size_t size)
{
	const struct sim_machine *machine = &scenario->machine;

	const char *name = NULL;

	for (unsigned i = 0; i < machine->vm_count; i++) {
		if (!ffa_id_equal(machine->vms[i].id, id))
			continue;
		/* an id that several VMs have in turn says which of them no more than it can */
		if (name) {
			g_snprintf(buffer, size, "%s/%s", name, machine->vms[i].name);
			return buffer;
		}
		name = machine->vms[i].name;
	}
	if (name)
		return name;
	for (unsigned i = 0; i < machine->sp_count; i++)
		if (ffa_id_equal(machine->sps[i].id, id))
			return machine->sps[i].name;
	g_snprintf(buffer, size, "0x%x", id.v);
	return buffer;
}

/* ffa_namer wants a string that outlives the call, so each name of a line gets a buffer. */
struct name_buffers {
	const struct sim_scenario *scenario;
	char names[8][SIM_NAME_SIZE];
	unsigned used;
};

static const char *name_endpoint(void *data, struct ffa_id id)
{
	struct name_buffers *buffers = data;
	char *buffer = buffers->names[buffers->used++ % G_N_ELEMENTS(buffers->names)];

	return sim_endpoint_name(buffers->scenario, id, buffer, SIM_NAME_SIZE);
}

void sim_describe_call(const struct sim_scenario *scenario, const struct ffa_regs *regs,
                       char *buffer, size_t size)
{
	struct name_buffers buffers = {.scenario = scenario};
	const struct ffa_namer namer = {name_endpoint, &buffers};

	ffa_describe_call(regs, &namer, buffer, size);
}

void sim_describe_answer(const struct sim_scenario *scenario, uint32_t fid,
                         const struct ffa_regs *regs, char *buffer, size_t size)
{
	struct name_buffers buffers = {.scenario = scenario};
	const struct ffa_namer namer = {name_endpoint, &buffers};

	ffa_describe_answer(fid, regs, &namer, buffer, size);
}

char *sim_page_name(const struct sim_scenario *scenario, unsigned page)
{
	const struct sim_machine *machine = &scenario->machine;
	unsigned endpoint = page / SHIM_ENDPOINT_PAGES;

	return g_strdup_printf("page %u of %s", page % SHIM_ENDPOINT_PAGES,
	                       endpoint && endpoint <= machine->vm_count
	                               ? machine->vms[endpoint - 1].name
	                               : "the hypervisor");
}

const char *sim_object_name(const struct sim_scenario *scenario, const struct world_object *object,
                            char *buffer, size_t size)
{
	char endpoint[SIM_NAME_SIZE];

	if (object->owner.v == 0)
		g_snprintf(buffer, size, "%s", object->class_name);
	else
		g_snprintf(buffer, size, "%s[%s]", object->class_name,
		           sim_endpoint_name(scenario, object->owner, endpoint, sizeof endpoint));
	return buffer;
}

const char *sim_actor_name(const struct sim_run *run, uint32_t context)
{
	static const char *const systems[SIM_SYSTEM_COUNT] = {"sri", "work", "work.1", "timer"};
	uint32_t machine = sim_machine_context(run);

	if (context < machine)
		return run->scenario->threads[context].name;
	return context > machine && context <= machine + SIM_SYSTEM_COUNT
	               ? systems[context - machine - 1]
	               : "machine";
}
