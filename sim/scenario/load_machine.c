/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/profile.h"
#include "sim/scenario/load.h"

#define ID_MAX 0xffffu

static const struct sim_shape shape_mediator = {
        .kind = SIM_SHAPE_TEXT,
        .what = "a mediator name (lower-case letters, digits, '-')",
        .pattern = "^[a-z0-9][a-z0-9-]*$",
        .min = 1,
        .max = SIM_NAME_SIZE - 1,
};
static const struct sim_shape shape_id = {
        .kind = SIM_SHAPE_NUMBER, .name = "id", .what = "a partition id", .max = ID_MAX};

/* "vms" */

static const struct sim_shape shape_vcpus = {
        .kind = SIM_SHAPE_INTEGER, .what = "a number of vCPUs", .min = 1, .max = SIM_MAX_VCPUS};
static const struct sim_shape shape_vcpu = {
        .kind = SIM_SHAPE_INTEGER, .what = "the number of a vCPU", .max = SIM_MAX_VCPUS - 1};
static const struct sim_shape shape_online = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of vCPU numbers",
        .limit = "vCPUs",
        .max = SIM_MAX_VCPUS,
        .element = &shape_vcpu,
};

static bool load_vcpus(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_vm *vm = into;

	(void)loader;
	vm->vcpus = (uint16_t)sim_number(value);
	vm->online = (1u << vm->vcpus) - 1;
	return true;
}

static bool load_vm_id(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_vm *vm = into;
	uint64_t id = sim_number(value);

	if (id & FFA_ID_SECURE_BIT)
		return sim_fail(loader, value, "0x%x is no VM id: expected 0x0 to 0x7fff",
		                (unsigned)id);
	vm->id = ffa_make_id((uint32_t)id);
	return true;
}

static bool load_online_vcpu(struct sim_loader *loader, const struct sim_json_value *value,
                             void *into)
{
	struct sim_vm *vm = into;
	uint64_t vcpu = sim_number(value);

	if (vcpu >= vm->vcpus)
		return sim_fail(loader, value, "'%s' has no vCPU %u: it has %u", vm->name,
		                (unsigned)vcpu, vm->vcpus);
	if (vm->online & 1u << vcpu)
		return sim_fail(loader, value, "vCPU %u is listed twice", (unsigned)vcpu);
	vm->online |= 1u << vcpu;
	return true;
}

static bool load_online(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_vm *vm = into;

	vm->online = 0;
	return sim_load_each(loader, value, &shape_vcpu, load_online_vcpu, into);
}

static bool load_absent(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_vm *vm = into;

	(void)loader;
	vm->absent = json_object_get_boolean(value->object);
	return true;
}

static const struct sim_property vm_properties[] = {
        {"vcpus", &shape_vcpus, false, "number of vCPUs, 1 if not given", load_vcpus},
        {"id", &shape_id, false,
         "partition id, 0x1 to 0x7fff, or 0x0 for the host of a mediator that has no other client; "
         "its place in the list if not given; VMs that are not there at the same time may share one",
         load_vm_id},
        {"online", &shape_online, false,
         "vCPUs that are on line once the VM is created; all if not given", load_online},
        {"absent", &sim_shape_boolean, false,
         "true: the VM does not exist until a 'create-vm' step creates it", load_absent},
};
static const struct sim_object object_vm = {
        .name = "vm",
        .doc = "a guest VM",
        .properties = vm_properties,
        .count = G_N_ELEMENTS(vm_properties),
};
static const struct sim_shape shape_vm = {
        .kind = SIM_SHAPE_OBJECT, .what = "the description of a VM", .object = &object_vm};
static const struct sim_shape shape_vms = {
        .kind = SIM_SHAPE_MAP,
        .what = "an object of VMs by name",
        .key = "a VM name (lower-case letters, digits, '_'; a letter first)",
        .pattern = "^[a-z][a-z0-9_]*$",
        .limit = "VMs",
        .min = 1,
        .max = SIM_MAX_VMS,
        .element = &shape_vm,
};

/* Names that mean something else wherever an endpoint is named. */
static bool check_endpoint_name(struct sim_loader *loader, const struct sim_json_value *value)
{
	static const char *const reserved[] = {"host", "hypervisor", "spmc"};
	const struct sim_machine *machine = &loader->scenario->machine;

	for (unsigned i = 0; i < G_N_ELEMENTS(reserved); i++)
		if (strcmp(value->key, reserved[i]) == 0)
			return sim_fail_key(loader, value, "the name '%s' is reserved", value->key);
	for (unsigned i = 0; i < machine->vm_count; i++)
		if (strcmp(value->key, machine->vms[i].name) == 0)
			return sim_fail_key(loader, value, "there is a VM named '%s' already",
			                    value->key);
	return true;
}

static bool load_vm(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_machine *machine = &loader->scenario->machine;
	struct sim_vm *vm = &machine->vms[machine->vm_count];

	(void)into;
	if (!check_endpoint_name(loader, value))
		return false;
	sim_copy_name(vm->name, value->key);
	vm->id = ffa_make_id(machine->vm_count + 1);
	vm->vcpus = 1;
	vm->online = 1;
	if (!sim_load_object(loader, value, &object_vm, NULL, NULL, vm))
		return false;
	for (unsigned i = 0; i < machine->vm_count; i++)
		if (ffa_id_equal(machine->vms[i].id, vm->id) &&
		    !(machine->vms[i].absent || vm->absent))
			return sim_fail_key(
			        loader, value,
			        "'%s' and '%s' have the same id 0x%x: one of them must be "
			        "'absent' until a step creates it",
			        machine->vms[i].name, vm->name, vm->id.v);
	machine->vm_count++;
	return true;
}

static bool load_vms(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return sim_load_each(loader, value, &shape_vm, load_vm, into);
}

/* "sps" */

static const struct sim_shape shape_properties = {
        .kind = SIM_SHAPE_NUMBER, .what = "a word of partition properties", .max = UINT32_MAX};
static const struct sim_shape shape_contexts = {
        .kind = SIM_SHAPE_INTEGER, .what = "a number of execution contexts", .min = 1, .max = 512};
static const struct sim_shape shape_uuid = {
        .kind = SIM_SHAPE_TEXT,
        .what = "a UUID such as \"12345678-9abc-def0-1234-56789abcdef0\"",
        .pattern = "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
        .min = 1,
        .max = 36,
};

static bool load_sp_id(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_sp *sp = into;
	uint64_t id = sim_number(value);

	if (id <= FFA_ID_SPMC)
		return sim_fail(loader, value, "0x%x is no SP id: expected 0x8001 to 0xffff",
		                (unsigned)id);
	sp->id = ffa_make_id((uint32_t)id);
	return true;
}

static bool load_sp_properties(struct sim_loader *loader, const struct sim_json_value *value,
                               void *into)
{
	struct sim_sp *sp = into;

	(void)loader;
	sp->properties = (uint32_t)sim_number(value);
	return true;
}

static bool load_sp_contexts(struct sim_loader *loader, const struct sim_json_value *value,
                             void *into)
{
	struct sim_sp *sp = into;

	(void)loader;
	sp->contexts = (uint16_t)sim_number(value);
	return true;
}

/* The first byte of the text is the lowest byte of the first word, as SMCCC passes a UUID. */
static void parse_uuid(const char *text, uint32_t *ret_words)
{
	unsigned digit = 0;

	memset(ret_words, 0, 4 * sizeof(*ret_words));
	for (const char *p = text; *p; p++) {
		uint32_t nibble;

		if (*p == '-')
			continue;
		nibble = (uint32_t)g_ascii_xdigit_value(*p);
		ret_words[digit / 8] |= nibble << (digit % 8 / 2 * 8 + (digit % 2 ? 0 : 4));
		digit++;
	}
}

static bool load_sp_version(struct sim_loader *loader, const struct sim_json_value *value,
                            void *into)
{
	struct sim_sp *sp = into;

	return sim_parse_version(loader, value, &sp->version);
}

static bool load_sp_uuid(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_sp *sp = into;

	(void)loader;
	parse_uuid(sim_string(value), sp->uuid);
	return true;
}

/* "more-uuids": each a text, or an object that gives properties of its own with it. */

static bool load_entry_uuid(struct sim_loader *loader, const struct sim_json_value *value,
                            void *into)
{
	struct sim_sp *sp = into;

	(void)loader;
	parse_uuid(sim_string(value), sp->more_uuids[sp->more_uuid_count]);
	return true;
}

static bool load_entry_properties(struct sim_loader *loader, const struct sim_json_value *value,
                                  void *into)
{
	struct sim_sp *sp = into;

	(void)loader;
	sp->more_properties[sp->more_uuid_count] = (uint32_t)sim_number(value);
	return true;
}

static const struct sim_property uuid_entry_properties[] = {
        {"uuid", &shape_uuid, true, "the UUID in text form", load_entry_uuid},
        {"properties", &shape_properties, false,
         "the properties word that is listed with it, that of the SP if not given",
         load_entry_properties},
};
static const struct sim_object object_uuid_entry = {
        .name = "uuid-entry",
        .doc = "a further UUID of an SP",
        .properties = uuid_entry_properties,
        .count = G_N_ELEMENTS(uuid_entry_properties),
};
static const struct sim_shape shape_uuid_entry = {.kind = SIM_SHAPE_OBJECT,
                                                  .what = "a UUID with its properties",
                                                  .object = &object_uuid_entry};
static const struct sim_shape *const uuid_alternatives[] = {&shape_uuid, &shape_uuid_entry, NULL};
static const struct sim_shape shape_another_uuid = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "a UUID in text form, or an object",
        .alternatives = uuid_alternatives,
};
static const struct sim_shape shape_more_uuids = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of UUIDs",
        .limit = "further UUIDs",
        .min = 1,
        .max = WORLD_MAX_UUIDS - 1,
        .element = &shape_another_uuid,
};

static bool load_another_uuid(struct sim_loader *loader, const struct sim_json_value *value,
                              void *into)
{
	struct sim_sp *sp = into;

	sp->more_properties[sp->more_uuid_count] = sp->properties;
	if (sim_string(value))
		load_entry_uuid(loader, value, sp);
	else if (!sim_load_object(loader, value, &object_uuid_entry, NULL, NULL, sp))
		return false;
	sp->more_uuid_count++;
	return true;
}

static bool load_more_uuids(struct sim_loader *loader, const struct sim_json_value *value,
                            void *into)
{
	return sim_load_each(loader, value, &shape_another_uuid, load_another_uuid, into);
}

static const struct sim_property sp_properties[] = {
        {"id", &shape_id, false,
         "partition id, 0x8001 to 0xffff; 0x8001 for the first SP and so on if not given",
         load_sp_id},
        {"properties", &shape_properties, false,
         "the properties word that FFA_PARTITION_INFO_GET reports, 0 if not given",
         load_sp_properties},
        {"contexts", &shape_contexts, false, "number of execution contexts, 1 if not given",
         load_sp_contexts},
        {"version", &sim_shape_version, false,
         "the version of FF-A it speaks, that of the SPMC if not given", load_sp_version},
        {"uuid", &shape_uuid, false, "protocol UUID in text form, all zero if not given",
         load_sp_uuid},
        {"more-uuids", &shape_more_uuids, false,
         "further UUIDs, each a text or with properties of its own; the SPMC lists the SP once for "
         "each",
         load_more_uuids},
        {"answers", &sim_shape_answers, false,
         "its answers to direct requests; without one that fits it accepts and echoes",
         sim_load_answers},
};
static const struct sim_object object_sp = {
        .name = "sp",
        .doc = "a secure partition",
        .properties = sp_properties,
        .count = G_N_ELEMENTS(sp_properties),
};
static const struct sim_shape shape_sp = {
        .kind = SIM_SHAPE_OBJECT, .what = "the description of an SP", .object = &object_sp};
static const struct sim_shape shape_sps = {
        .kind = SIM_SHAPE_MAP,
        .what = "an object of SPs by name",
        .key = "an SP name (lower-case letters, digits, '_'; a letter first)",
        .pattern = "^[a-z][a-z0-9_]*$",
        .limit = "SPs",
        .max = SIM_MAX_SPS,
        .element = &shape_sp,
};

static bool load_sp(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_machine *machine = &loader->scenario->machine;
	struct sim_sp *sp = &machine->sps[machine->sp_count];

	(void)into;
	if (!check_endpoint_name(loader, value))
		return false;
	sim_copy_name(sp->name, value->key);
	sp->id = ffa_make_id(FFA_ID_SPMC + 1 + machine->sp_count);
	sp->contexts = 1;
	if (!sim_load_object(loader, value, &object_sp, NULL, NULL, sp))
		return false;
	for (unsigned i = 0; i < machine->sp_count; i++)
		if (ffa_id_equal(machine->sps[i].id, sp->id))
			return sim_fail_key(loader, value, "'%s' and '%s' have the same id 0x%x",
			                    machine->sps[i].name, sp->name, sp->id.v);
	machine->sp_count++;
	return true;
}

static bool load_sps(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	return sim_load_each(loader, value, &shape_sp, load_sp, into);
}

/* "injection" */

static const struct sim_choice injections[] = {
        {"reports", SIM_INJECTION_REPORTS, "the injection service says whether the vCPU accepted"},
        {"silent", SIM_INJECTION_SILENT, "the injection service never says"},
        {NULL, 0, NULL},
};
static const struct sim_shape shape_injection = {
        .kind = SIM_SHAPE_CHOICE, .what = "an injection service", .choices = injections};

static bool load_injection(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	(void)into;
	loader->scenario->machine.injection =
	        (enum sim_injection)sim_choice_value(&shape_injection, value);
	return true;
}

/* "options" */

static const struct sim_shape shape_option_text = {
        .kind = SIM_SHAPE_TEXT,
        .what = "a text on one line",
        .pattern = "^[^\\x00-\\x1f\\x7f]*$",
        .max = 255,
};
static const struct sim_shape shape_option_integer = {
        .kind = SIM_SHAPE_INTEGER, .what = "an integer that is not negative", .max = INT64_MAX};
static const struct sim_shape *const option_alternatives[] = {
        &shape_option_text, &sim_shape_boolean, &shape_option_integer, NULL};
static const struct sim_shape shape_option = {
        .kind = SIM_SHAPE_ANY_OF,
        .what = "a string, an integer, true or false",
        .alternatives = option_alternatives,
};
static const struct sim_shape shape_options = {
        .kind = SIM_SHAPE_MAP,
        .what = "an object of options by name",
        .key = "an option name (lower-case letters, digits, '-')",
        .pattern = "^[a-z0-9][a-z0-9-]*$",
        .limit = "options",
        .max = 64,
        .element = &shape_option,
};

static bool load_option(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	GPtrArray *lines = into;

	(void)loader;
	g_ptr_array_add(lines, g_strdup_printf("%s=%s\n", value->key,
	                                       json_object_get_string(value->object)));
	return true;
}

/* By key: '=' would sort between characters that names are made of. */
static int compare_lines(const void *a, const void *b)
{
	const char *left = *(const char *const *)a;
	const char *right = *(const char *const *)b;
	size_t left_length = strcspn(left, "=");
	size_t right_length = strcspn(right, "=");
	int order = memcmp(left, right, MIN(left_length, right_length));

	return order ? order : (left_length > right_length) - (left_length < right_length);
}

static bool load_options(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	struct sim_machine *machine = &loader->scenario->machine;
	size_t used = 0;

	(void)into;
	if (!sim_load_each(loader, value, &shape_option, load_option, lines))
		return false;
	g_ptr_array_sort(lines, compare_lines);
	for (unsigned i = 0; i < lines->len; i++) {
		const char *line = g_ptr_array_index(lines, i);

		used = g_strlcat(machine->options, line, sizeof(machine->options));
		if (used >= sizeof(machine->options))
			return sim_fail(
			        loader, value,
			        "the options have more than %u bytes as \"key=value\" lines",
			        (unsigned)sizeof(machine->options) - 1);
	}
	return true;
}

static bool load_mediator(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	(void)into;
	sim_copy_name(loader->scenario->machine.mediator, sim_string(value));
	return true;
}

/* "boot" */

static bool load_boot(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	(void)into;
	if (!ffa_status_by_name(sim_string(value), &loader->scenario->machine.boot_status))
		return sim_fail(loader, value, "unknown status '%s'", sim_string(value));
	return true;
}

static bool load_boot_fail_alloc(struct sim_loader *loader, const struct sim_json_value *value,
                                 void *into)
{
	(void)into;
	loader->scenario->machine.boot_fail_alloc = (unsigned)sim_number(value);
	return true;
}

static bool load_spmc(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	(void)into;
	return sim_load_spmc(loader, value, &loader->scenario->machine.spmc);
}

/* "smc-locks" */

static const struct sim_shape shape_lock_class = {
        .kind = SIM_SHAPE_TEXT,
        .what = "the class of a lock, such as \"buffers\"",
        .pattern = "^[a-z][a-z0-9_-]*$",
        .min = 1,
        .max = SIM_CLASS_SIZE - 1,
};
static const struct sim_shape shape_smc_locks = {
        .kind = SIM_SHAPE_LIST,
        .what = "a list of lock classes",
        .limit = "lock classes",
        .min = 1,
        .max = SIM_MAX_SMC_LOCKS,
        .element = &shape_lock_class,
};

static bool load_smc_lock(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	struct sim_machine *machine = into;

	(void)loader;
	g_strlcpy(machine->smc_locks[value->index], sim_string(value), SIM_CLASS_SIZE);
	machine->smc_lock_count++;
	return true;
}

static bool load_smc_locks(struct sim_loader *loader, const struct sim_json_value *value,
                           void *into)
{
	(void)into;
	return sim_load_each(loader, value, &shape_lock_class, load_smc_lock,
	                     &loader->scenario->machine);
}

static const struct sim_property machine_properties[] = {
        {"mediator", &shape_mediator, true, "the mediator under test: base name of the subject",
         load_mediator},
        {"injection", &shape_injection, false,
         "what the interrupt injection service tells the mediator; \"reports\" if not given",
         load_injection},
        {"options", &shape_options, false, "options that the mediator is booted with",
         load_options},
        {"boot", &sim_shape_status, false,
         "what starting the mediator must answer; \"SUCCESS\" if not given, else nothing runs",
         load_boot},
        {"boot-fail-alloc", &sim_shape_fail_alloc, false,
         "which allocation of the mediator fails while it starts, pages included: 1 for the first",
         load_boot_fail_alloc},
        {"smc-locks", &shape_smc_locks, false,
         "classes of locks that the mediator holds across an SMC by design; none if not given",
         load_smc_locks},
        {"vms", &shape_vms, true, "the guest VMs by name, in the order of their creation",
         load_vms},
        {"sps", &shape_sps, false, "the secure partitions by name", load_sps},
        /* behind the endpoints, which its faults can name */
        {"spmc", &sim_shape_spmc, false,
         "the SPMC: a profile or a description; \"default\" if not given", load_spmc},
};
const struct sim_object sim_object_machine = {
        .name = "machine",
        .doc = "the machine that the scenario runs on",
        .properties = machine_properties,
        .count = G_N_ELEMENTS(machine_properties),
};
const struct sim_shape sim_shape_machine = {.kind = SIM_SHAPE_OBJECT,
                                            .what = "the description of a machine",
                                            .object = &sim_object_machine};

bool sim_load_machine(struct sim_loader *loader, const struct sim_json_value *value, void *into)
{
	world_spmc_default(&loader->scenario->machine.spmc);
	return sim_load_object(loader, value, &sim_object_machine, NULL, NULL, into);
}
