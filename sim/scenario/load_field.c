/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/load.h"

/* A name of a kind of field: 1 found, 0 not a name of this kind, -1 an error was set. */
typedef int name_parser(struct sim_loader *loader, const struct sim_json_value *value,
                        const char *name, uint64_t *ret_value);

bool sim_parse_register(const char *key, uint8_t *ret_reg, bool *ret_word)
{
	uint64_t reg;

	if (!sim_matches(key, "^[xw](0|[1-9][0-9]?)$"))
		return false;
	reg = g_ascii_strtoull(key + 1, NULL, 10);
	if (reg >= FFA_REG_COUNT)
		return false;
	*ret_reg = (uint8_t)reg;
	*ret_word = *key == 'w';
	return true;
}

bool sim_register_value(struct sim_loader *loader, const struct sim_json_value *value, bool word,
                        uint64_t *ret_value)
{
	g_autofree char *found = sim_found(value);

	if (!sim_parse_number(value, ret_value))
		return sim_fail(loader, value,
		                "expected a number or a string such as \"0x1f\", found %s", found);
	if (word && *ret_value > UINT32_MAX)
		return sim_fail(loader, value,
		                "0x%" G_GINT64_MODIFIER
		                "x does not fit in '%s' (32 bits; 'x%s' has 64)",
		                *ret_value, value->key, value->key + 1);
	return true;
}

bool sim_parse_version(struct sim_loader *loader, const struct sim_json_value *value,
                       uint32_t *ret_version)
{
	const char *text = sim_string(value);
	char *minor;
	uint64_t high = g_ascii_strtoull(text, &minor, 10);
	uint64_t low = g_ascii_strtoull(minor + 1, NULL, 10);

	if (high > 0x7fff || low > 0xffff)
		return sim_fail(loader, value,
		                "version '%s' does not fit: major has 15 bits, minor has 16", text);
	*ret_version = FFA_MAKE_VERSION(high, low);
	return true;
}

static int parse_version(struct sim_loader *loader, const struct sim_json_value *value,
                         const char *name, uint64_t *ret_value)
{
	uint32_t version = 0;

	if (strcmp(name, "NOT_SUPPORTED") == 0) {
		*ret_value = (uint32_t)FFA_NOT_SUPPORTED;
		return 1;
	}
	if (!sim_matches(name, "^(0|[1-9][0-9]{0,4})\\.(0|[1-9][0-9]{0,4})$"))
		return 0;
	if (!sim_parse_version(loader, value, &version))
		return -1;
	*ret_value = version;
	return 1;
}

static int fail_endpoint(struct sim_loader *loader, const struct sim_json_value *value,
                         const char *name)
{
	const struct sim_machine *machine = &loader->scenario->machine;
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; i < machine->vm_count; i++)
		sim_suggest_offer(&suggest, machine->vms[i].name);
	for (unsigned i = 0; i < machine->sp_count; i++)
		sim_suggest_offer(&suggest, machine->sps[i].name);
	sim_suggest_offer(&suggest, "hypervisor");
	sim_suggest_offer(&suggest, "spmc");
	hint = sim_suggest_text(&suggest);
	sim_fail(loader, value, "unknown endpoint '%s'%s", name, hint);
	return -1;
}

static int parse_endpoint(struct sim_loader *loader, const struct sim_json_value *value,
                          const char *name, uint64_t *ret_value)
{
	const struct sim_machine *machine = &loader->scenario->machine;

	if (g_ascii_isdigit(*name))
		return 0;
	if (strcmp(name, "hypervisor") == 0) {
		*ret_value = FFA_ID_HYPERVISOR;
		return 1;
	}
	if (strcmp(name, "spmc") == 0) {
		*ret_value = FFA_ID_SPMC;
		return 1;
	}
	for (unsigned i = 0; i < machine->vm_count; i++) {
		if (strcmp(machine->vms[i].name, name) == 0) {
			*ret_value = machine->vms[i].id.v;
			return 1;
		}
	}
	for (unsigned i = 0; i < machine->sp_count; i++) {
		if (strcmp(machine->sps[i].name, name) == 0) {
			*ret_value = machine->sps[i].id.v;
			return 1;
		}
	}
	return fail_endpoint(loader, value, name);
}

static int parse_status(struct sim_loader *loader, const struct sim_json_value *value,
                        const char *name, uint64_t *ret_value)
{
	int32_t status;

	(void)loader;
	(void)value;
	if (!ffa_status_by_name(name, &status))
		return 0;
	*ret_value = (uint32_t)status;
	return 1;
}

/* A function id, or one of the feature ids that FFA_FEATURES takes as well. */
static int parse_function(struct sim_loader *loader, const struct sim_json_value *value,
                          const char *name, uint64_t *ret_value)
{
	static const struct {
		const char *name;
		uint32_t id;
	} features[] = {
	        {"NPI", FFA_FEATURE_NPI}, {"SRI", FFA_FEATURE_SRI}, {"MEI", FFA_FEATURE_MEI}};
	uint32_t fid;

	for (unsigned i = 0; i < G_N_ELEMENTS(features); i++) {
		if (strcmp(features[i].name, name) == 0) {
			*ret_value = features[i].id;
			return 1;
		}
	}
	if (g_ascii_isdigit(*name))
		return 0;
	if (!sim_find_call(loader, value, name, &fid))
		return -1;
	*ret_value = fid;
	return 1;
}

static const struct {
	name_parser *parse;
	const char *what;
} kinds[FFA_KIND_COUNT_OF] = {
        [FFA_KIND_ENDPOINT] = {parse_endpoint, "the name of a VM or an SP, or a number"},
        [FFA_KIND_VERSION] = {parse_version, "a version such as \"1.2\", or a number"},
        [FFA_KIND_STATUS] = {parse_status, "the name of a status, or a number"},
        [FFA_KIND_FUNCTION] = {parse_function, "the name of a call or a feature, or a number"},
};

const char *sim_field_what(const struct ffa_field *field)
{
	return kinds[field->kind].what ? kinds[field->kind].what
	                               : "a number or a string such as \"0x1f\"";
}

static unsigned bits_of(uint64_t max)
{
	unsigned bits = 0;

	for (; max; max >>= 1)
		bits++;
	return bits;
}

static bool check_width(struct sim_loader *loader, const struct sim_json_value *value,
                        const struct ffa_field *field, uint32_t fid, uint64_t number)
{
	uint64_t max = ffa_field_max_for(field, fid);

	return number <= max ||
	       sim_fail(loader, value,
	                "0x%" G_GINT64_MODIFIER "x does not fit in '%s' (%u bits; the raw register "
	                "'x%u' can carry anything)",
	                number, field->name, bits_of(max), field->reg);
}

bool sim_field_value(struct sim_loader *loader, const struct sim_json_value *value,
                     const struct ffa_field *field, uint32_t fid, uint64_t *ret_value)
{
	name_parser *parse = kinds[field->kind].parse;
	const char *text = sim_string(value);
	g_autofree char *found = NULL;
	int named = text && parse ? parse(loader, value, text, ret_value) : 0;

	if (named < 0)
		return false;
	if (named == 0 && !sim_parse_number(value, ret_value)) {
		found = sim_found(value);
		return sim_fail(loader, value, "expected %s, found %s", sim_field_what(field),
		                found);
	}
	return check_width(loader, value, field, fid, *ret_value);
}

void sim_offer_fields(struct sim_suggest *suggest, const struct ffa_field *fields)
{
	for (unsigned i = 0; i < FFA_MAX_FIELDS && *fields[i].name; i++)
		sim_suggest_offer(suggest, fields[i].name);
}
