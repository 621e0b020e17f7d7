/* SPDX-License-Identifier: MIT */
/* The FF-A table for people. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/ffa_decode.h"
#include "abi/ffa_table.h"
#include "abi/ffa_text.h"
#include "sim/scenario/suggest.h"
#include "tools/options.h"
#include "tools/tool.h"

#define STATUS_FIRST FFA_NOT_READY /* the lowest code */

static const char *const classes[] = {
        [FFA_CLASS_CALL] = "call",
        [FFA_CLASS_RETURN] = "return",
        [FFA_CLASS_BOTH] = "call and return",
};

static const struct {
	unsigned bit;
	const char *name;
} instances[] = {
        {FFA_INSTANCE_NS_PHYSICAL, "non-secure physical"},
        {FFA_INSTANCE_NS_VIRTUAL, "non-secure virtual"},
        {FFA_INSTANCE_S_VIRTUAL, "secure virtual"},
        {FFA_INSTANCE_S_PHYSICAL, "secure physical"},
};

static void append_version(GString *out, uint32_t version)
{
	g_string_append_printf(out, "%u.%u", version >> 16, version & 0xffffu);
}

static void append_instances(GString *out, const struct ffa_call *call)
{
	const char *separator = "";

	g_string_append(out, "instances: ");
	for (unsigned i = 0; i < G_N_ELEMENTS(instances); i++) {
		if (!(call->instances & instances[i].bit))
			continue;
		g_string_append_printf(out, "%s%s", separator, instances[i].name);
		separator = ", ";
	}
	g_string_append(out, call->instances ? "\n" : "not known\n");
}

static void append_heading(GString *out, const struct ffa_call *call)
{
	g_string_append_printf(out, "%s (%s)\n", call->name, classes[call->class]);
	for (unsigned i = 0; i < FFA_WIDTHS; i++)
		if (call->fid[i])
			g_string_append_printf(out, "id:        0x%08" PRIx32 "  %s\n",
			                       call->fid[i], call->id_name[i]);
	g_string_append(out, "version:   ");
	append_version(out, call->since);
	if (call->until) {
		g_string_append(out, ", removed in ");
		append_version(out, call->until);
	}
	g_string_append_c(out, '\n');
	append_instances(out, call);
	g_string_append_printf(out, "source:    facts %s\n", call->source);
}

/* "w3", "w3, w4", "x3", "w1[31:16]" */
static char *field_place(const struct ffa_field *field)
{
	if (field->reg_high)
		return g_strdup_printf("w%u, w%u", field->reg, field->reg_high);
	if (field->high == 63 && field->low == 0)
		return g_strdup_printf("w%u/x%u", field->reg, field->reg);
	if (field->high == 31 && field->low == 0)
		return g_strdup_printf("w%u", field->reg);
	if (field->high == field->low)
		return g_strdup_printf("w%u[%u]", field->reg, field->low);
	return g_strdup_printf("%c%u[%u:%u]", field->high > 31 ? 'x' : 'w', field->reg, field->high,
	                       field->low);
}

static void append_layout(GString *out, const char *title, const struct ffa_call *call,
                          const struct ffa_layout *layout)
{
	g_string_append_printf(out, "\n%s:\n", title);
	for (const struct ffa_field *field = layout->fields; field->name[0]; field++) {
		g_autofree char *place = field_place(field);

		g_string_append_printf(out, "  %-14s %-20s %s", place, field->name,
		                       ffa_kind_name(field->kind));
		if (field->since > call->since) {
			g_string_append(out, ", from ");
			append_version(out, field->since);
		}
		g_string_append_c(out, '\n');
	}
	if (layout->payload_first)
		g_string_append_printf(out, "  x%u..x%-10u %s\n", layout->payload_first,
		                       layout->payload_last,
		                       layout->unknown ? "(layout not known)" : "(payload)");
	if (!layout->fields[0].name[0] && !layout->payload_first)
		g_string_append(out, "  none\n");
}

static void append_zero(GString *out, const struct ffa_zero *zero)
{
	char file = zero->high > 31 ? 'x' : 'w';

	g_string_append_printf(out, "  %c%u", file, zero->first);
	if (zero->last != zero->first)
		g_string_append_printf(out, "..%c%u", file, zero->last);
	if (zero->high == zero->low)
		g_string_append_printf(out, "[%u]", zero->low);
	else if ((zero->high != 63 && zero->high != 31) || zero->low != 0)
		g_string_append_printf(out, "[%u:%u]", zero->high, zero->low);
	if (zero->unless != FFA_ZERO_ALWAYS)
		g_string_append_printf(out, ", unless bit %u is set", zero->unless);
	if (zero->below) {
		g_string_append(out, ", below version ");
		append_version(out, zero->below);
	}
	g_string_append_c(out, '\n');
}

static void append_zeros(GString *out, const struct ffa_call *call)
{
	g_string_append(out, "\nmust be zero:\n");
	for (unsigned i = 0; i < FFA_MAX_ZEROS && call->zero[i].first; i++)
		append_zero(out, &call->zero[i]);
	if (!call->zero[0].first)
		g_string_append(out, "  nothing\n");
}

/* From which register on a caller leaves zero what the callee ignores. */
static void append_unused(GString *out, const struct ffa_call *call)
{
	static const uint32_t versions[] = {FFA_VERSION_1_0, FFA_VERSION_1_1, FFA_VERSION_1_2};

	g_string_append(out, "\nshould be zero:\n");
	for (unsigned width = 0; width < FFA_WIDTHS; width++) {
		for (unsigned i = 0; call->fid[width] && i < G_N_ELEMENTS(versions); i++) {
			unsigned first = ffa_first_unused(call->fid[width], versions[i]);
			unsigned count = ffa_register_count(call->fid[width], versions[i]);

			if (versions[i] < call->since)
				continue;
			g_string_append_printf(out, "  version ");
			append_version(out, versions[i]);
			g_string_append_printf(out, ", %s: ", call->id_name[width]);
			if (first < count)
				g_string_append_printf(out, "x%u..x%u\n", first, count - 1);
			else
				g_string_append(out, "nothing\n");
		}
	}
}

static void append_endings(GString *out, const struct ffa_call *call)
{
	static const char *const successes[] = {
	        [FFA_SUCCESS_NEVER] = NULL,
	        [FFA_SUCCESS_AS_32] = "FFA_SUCCESS by its 32-bit id",
	        [FFA_SUCCESS_AS_CALL] = "FFA_SUCCESS as wide as the call",
	};
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *list = NULL;

	if (successes[call->success])
		g_ptr_array_add(names, (gpointer)(uintptr_t)successes[call->success]);
	for (unsigned number = FFA_FN_FIRST; number <= FFA_FN_LAST; number++) {
		const struct ffa_call *other = &ffa_calls[number - FFA_FN_FIRST];

		if (call->completions & FFA_COMPLETION(number) && other->name[0])
			g_ptr_array_add(names, (gpointer)(uintptr_t)other->name);
	}
	if (!names->len)
		return;
	g_ptr_array_add(names, NULL);
	list = g_strjoinv(", ", (char **)names->pdata);
	g_string_append_printf(
	        out, "\nends with: %s%s\n", list,
	        call->completions & FFA_COMPLETION_RELAYS ? "; an error may name its target" : "");
}

static void append_result(GString *out, const struct ffa_call *call)
{
	if (!(call->class & FFA_CLASS_CALL))
		return;
	append_layout(out, "results", call, &call->results);
	append_endings(out, call);
}

static char *describe_call(const struct ffa_call *call)
{
	GString *out = g_string_new(NULL);

	append_heading(out, call);
	append_layout(out, "arguments", call, &call->arguments);
	append_zeros(out, call);
	append_unused(out, call);
	append_result(out, call);
	return g_string_free(out, FALSE);
}

static char *list_calls(void)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < ffa_call_count(); i++) {
		const struct ffa_call *call = ffa_call_at(i);

		g_string_append_printf(out, "%-34s", call->name);
		for (unsigned width = 0; width < FFA_WIDTHS; width++) {
			if (call->fid[width])
				g_string_append_printf(out, " 0x%08" PRIx32, call->fid[width]);
			else
				g_string_append_printf(out, " %-10s", "-");
		}
		g_string_append(out, "  ");
		append_version(out, call->since);
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static char *describe_status(int32_t status)
{
	return g_strdup_printf("%s: status code %d, 0x%08" PRIx32 " in w2 of FFA_ERROR\n",
	                       ffa_status_name(status), status, (uint32_t)status);
}

/* A function id or a status code by number; NULL if it is neither. */
static char *describe_number(const char *text)
{
	gint64 number;
	char *end;

	number = g_ascii_strtoll(text, &end, 0);
	if (end == text || *end)
		return NULL;
	if (number > 0 && number <= UINT32_MAX && ffa_call_by_fid((uint32_t)number))
		return describe_call(ffa_call_by_fid((uint32_t)number));
	if (number > INT32_MAX && number <= UINT32_MAX)
		number = (int32_t)(uint32_t)number; /* a code as the register shows it */
	if (number < 0 && number >= STATUS_FIRST && ffa_status_name((int32_t)number))
		return describe_status((int32_t)number);
	return NULL;
}

static char *describe(const char *text)
{
	g_autofree char *upper = g_ascii_strup(text, -1);
	g_autofree char *prefixed = g_strconcat("FFA_", upper, NULL);
	const struct ffa_call *call = ffa_call_by_name(upper, NULL);
	int32_t status;

	if (!call)
		call = ffa_call_by_name(prefixed, NULL);
	if (call)
		return describe_call(call);
	if (ffa_status_by_name(upper, &status) && status != FFA_OK)
		return describe_status(status);
	return describe_number(text);
}

static void set_unknown(const char *text, GError **error)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, text);
	for (size_t i = 0; i < ffa_call_count(); i++)
		sim_suggest_offer(&suggest, ffa_call_at(i)->name);
	for (int32_t status = -1; status >= STATUS_FIRST; status--)
		if (ffa_status_name(status))
			sim_suggest_offer(&suggest, ffa_status_name(status));
	hint = sim_suggest_text(&suggest);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "no FF-A call and no status code '%s'%s; 'ffasim abi' lists the calls", text,
	            hint);
}

int tool_verb_abi(int count, char **arguments, GError **error)
{
	static const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
	g_autofree char *text = NULL;

	/* a status code is a number, not an option */
	if (!(count == 2 && arguments[1][0] == '-' && g_ascii_isdigit(arguments[1][1])) &&
	    !tool_options_parse(entries, NULL, &count, &arguments, error))
		return TOOL_FAILED;
	if (count > 2) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "abi takes one call");
		return TOOL_FAILED;
	}
	text = count == 2 ? describe(arguments[1]) : list_calls();
	if (text)
		return tool_print(text, error) ? TOOL_EXIT_PASS : TOOL_FAILED;
	set_unknown(arguments[1], error);
	return TOOL_FAILED;
}
