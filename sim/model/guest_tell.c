/* SPDX-License-Identifier: MIT */
/* Words for an operation that no order of what was under way explains. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/model/guest.h"
#include "sim/run.h"

/* Limits of what is told: states, orders, answers that are allowed. */
enum { MAX_STATES = 32, MAX_ORDERS = 64, MAX_ANSWERS = 16 };

struct teller {
	struct sim_run *run;
	const struct sim_spec_view *view;
	GString *orders; /* lines */
	unsigned order_count;
	GPtrArray *allowed; /* distinct answers, as text */
};

static const char *vm_name(const struct sim_run *run, unsigned vm)
{
	return run->scenario->machine.vms[vm].name;
}

static void append_fid(GString *text, uint32_t fid)
{
	const char *name = ffa_fid_name(fid);

	if (name)
		g_string_append(text, name);
	else
		g_string_append_printf(text, "call 0x%x", fid);
}

static char *entry_text(const struct sim_run *run, const struct sim_spec_entry *entry)
{
	GString *text = g_string_new(NULL);

	switch (entry->entry) {
	case SHIM_ENTRY_GUEST_CALL:
		append_fid(text, entry->call.fid);
		g_string_append_printf(text, " of %s.%u", vm_name(run, entry->vm), entry->vcpu);
		break;
	case SHIM_ENTRY_VM_CREATE:
		g_string_append_printf(text, "the creation of %s", vm_name(run, entry->vm));
		break;
	case SHIM_ENTRY_VM_DESTROY:
		g_string_append_printf(text, "the end of %s", vm_name(run, entry->vm));
		break;
	case SHIM_ENTRY_VCPU_ON:
	case SHIM_ENTRY_VCPU_OFF:
		g_string_append_printf(text, "%s.%u going %s line", vm_name(run, entry->vm),
		                       entry->vcpu,
		                       entry->entry == SHIM_ENTRY_VCPU_ON ? "on" : "off");
		break;
	default:
		g_string_append(text, "an NPI for what the SPMC has");
		break;
	}
	return g_string_free(text, FALSE);
}

static void append_status(GString *text, int32_t status)
{
	const char *name = ffa_status_name(status);

	if (name)
		g_string_append(text, name);
	else
		g_string_append_printf(text, "%d", status);
}

static bool may_raise(const struct sim_spec_entry *entry)
{
	return entry->other || entry->entry == SHIM_ENTRY_VCPU_ON ||
	       entry->entry == SHIM_ENTRY_VCPU_OFF;
}

static void append_npi(GString *text, enum sim_spec_npi npi)
{
	static const char *const says[] = {[SIM_SPEC_NPI_NONE] = "no NPI",
	                                   [SIM_SPEC_NPI_RAISED] = "an NPI",
	                                   [SIM_SPEC_NPI_FREE] = "an NPI or none"};

	g_string_append_printf(text, "%s%s", text->len ? " and " : "", says[npi]);
}

/* Whether the answer of an operation at an object says more than the version. */
static bool says_status(const struct teller *teller, const struct sim_spec_entry *entry,
                        struct sim_linear_op op, const struct sim_linear_answer *answer)
{
	enum sim_spec_place place =
	        sim_spec_plan(teller->view->profile, &entry->call, answer->note).place;

	return op.kind == SIM_SPEC_SET || op.kind == SIM_SPEC_UNSURE_SET ||
	       (op.kind == SIM_SPEC_CALL && place != SIM_SPEC_OTHER && place != SIM_SPEC_SPMC);
}

static char *answer_text(const struct teller *teller, struct sim_linear_op op,
                         const struct sim_linear_answer *answer)
{
	const struct sim_spec_entry *entry = &teller->view->entries[op.context];
	GString *text = g_string_new(NULL);

	if (says_status(teller, entry, op, answer))
		append_status(text, answer->code);
	else if (op.kind == SIM_SPEC_CALL)
		g_string_append(text, "what others say");
	else if (op.kind == SIM_SPEC_CREATE)
		g_string_append(text, answer->code == FFA_OK ? "a VM" : "no VM");
	if (op.kind == SIM_SPEC_CALL && entry->call.fid == FFA_NOTIFICATION_GET_32 &&
	    answer->code == FFA_OK)
		g_string_append_printf(text, " with 0x%" G_GINT64_MODIFIER "x of VMs",
		                       answer->value);
	if (may_raise(entry) && op.kind != SIM_SPEC_CALL && answer->code == FFA_OK)
		append_npi(text, (enum sim_spec_npi)answer->value);
	if (!text->len)
		g_string_append(text, "done");
	return g_string_free(text, FALSE);
}

static bool is_known(const GPtrArray *texts, const char *text)
{
	for (guint i = 0; i < texts->len; i++)
		if (strcmp(g_ptr_array_index(texts, i), text) == 0)
			return true;
	return false;
}

/* Takes the text over. */
static void add_allowed(struct teller *teller, char *answer)
{
	if (is_known(teller->allowed, answer))
		g_free(answer);
	else
		g_ptr_array_add(teller->allowed, answer);
}

static void on_answer(void *user, struct sim_linear_op op, const struct sim_linear_answer *answer)
{
	add_allowed(user, answer_text(user, op, answer));
}

static bool on_order(void *user, const struct sim_linear_order *order)
{
	struct teller *teller = user;

	if (teller->order_count++ == MAX_ORDERS) {
		g_string_append(teller->orders, "  and others\n");
		return false;
	}
	g_string_append_printf(teller->orders, "  from state %u", order->config + 1);
	for (unsigned i = 0; i < order->length; i++) {
		struct sim_linear_op op = order->ops[i];
		g_autofree char *what = entry_text(teller->run, &teller->view->entries[op.context]);
		char *answer = answer_text(teller, op, &order->answers[i]);

		g_string_append_printf(teller->orders, "%s %s: %s", i ? ", then" : ",", what,
		                       answer);
		if (i + 1 == order->length)
			add_allowed(teller, answer);
		else
			g_free(answer);
	}
	g_string_append_c(teller->orders, '\n');
	return true;
}

static void append_state(GString *text, const struct sim_run *run, const struct sim_spec_vm *vm)
{
	char name[SIM_NAME_SIZE];

	if (!vm->live) {
		g_string_append(text, "no VM\n");
		return;
	}
	if (vm->published || vm->offered)
		g_string_append_printf(text, "version 1.%u%s",
		                       (vm->published ? vm->published : vm->offered) - 1u,
		                       vm->published ? "" : " (not frozen)");
	else
		g_string_append(text, "no version");
	for (unsigned i = 0; i < SIM_SPEC_SENDERS && vm->bound[i]; i++)
		g_string_append_printf(text, ", 0x%" G_GINT64_MODIFIER "x bound to %s",
		                       vm->bound[i],
		                       sim_endpoint_name(run->scenario, ffa_make_id(vm->sender[i]),
		                                         name, sizeof name));
	if (vm->gone)
		g_string_append_printf(text, " (0x%" G_GINT64_MODIFIER "x of it to one that ended)",
		                       vm->gone);
	g_string_append_printf(text, ", 0x%" G_GINT64_MODIFIER "x pending%s%s\n", vm->pending,
	                       vm->news ? ", to be reported" : "",
	                       vm->armed ? ", an NPI outstanding" : "");
}

static void append_states(GString *text, const struct sim_run *run, unsigned object)
{
	unsigned count;
	const struct sim_linear_config *config = sim_linear_configs(&run->orders, object, &count);

	g_string_append_printf(text, "every answer until then is explained; %s is in state\n",
	                       vm_name(run, object));
	for (unsigned i = 0; i < MIN(count, MAX_STATES); i++) {
		struct sim_spec_vm vm;

		sim_spec_vm_read(&vm, config[i].state);
		g_string_append_printf(text, "  %u: ", i + 1);
		append_state(text, run, &vm);
	}
	if (count > MAX_STATES)
		g_string_append_printf(text, "  or %u others\n", count - MAX_STATES);
}

/* Registers that are not 0, but x0 and the code of an error. */
static void append_registers(GString *text, const struct ffa_regs *regs, bool is_error)
{
	for (unsigned i = 1; i < FFA_REG_COUNT; i++)
		if (regs->x[i] && !(is_error && i == 2 && regs->x[2] <= UINT32_MAX))
			g_string_append_printf(text, " x%u=0x%" G_GINT64_MODIFIER "x", i,
			                       regs->x[i]);
}

static char *observed_text(const struct sim_spec_entry *entry, const struct sim_spec_view *view)
{
	GString *text = g_string_new(NULL);

	if (entry->entry == SHIM_ENTRY_GUEST_CALL && view->answer) {
		int32_t status = ffa_answer_status(entry->call.fid, view->answer);

		if (status == FFA_STATUS_NONE)
			g_string_append_printf(text, "x0=0x%" G_GINT64_MODIFIER "x",
			                       view->answer->x[0]);
		else
			append_status(text, status);
		append_registers(text, view->answer, status < 0);
	}
	if (may_raise(entry))
		append_npi(text, entry->accepted ? SIM_SPEC_NPI_RAISED : SIM_SPEC_NPI_NONE);
	if (entry->accepted > 1)
		g_string_append(text, ", and another");
	return g_string_free(text, FALSE);
}

void sim_guest_tell(struct sim_run *run, unsigned object, uint32_t context,
                    const struct sim_spec_view *view)
{
	const struct sim_spec_entry *entry = &view->entries[context];
	g_autofree char *what = entry_text(run, entry);
	g_autofree char *observed = observed_text(entry, view);
	g_autoptr(GString) detail = g_string_new(NULL);
	g_autoptr(GString) allowed = g_string_new(NULL);
	struct teller teller = {.run = run,
	                        .view = view,
	                        .orders = g_string_new(NULL),
	                        .allowed = g_ptr_array_new_with_free_func(g_free)};

	append_states(detail, run, object);
	sim_linear_orders(&run->orders, object, context, &sim_spec_vm, view, on_order, &teller);
	g_string_append_printf(detail, "what %s comes to:\n%s", what, teller.orders->str);
	sim_linear_answers(&run->orders, object, context, &sim_spec_vm, view, on_answer, &teller);
	for (guint i = 0; i < MIN(teller.allowed->len, MAX_ANSWERS); i++)
		g_string_append_printf(allowed, "%s%s", i ? " or " : "",
		                       (char *)g_ptr_array_index(teller.allowed, i));
	if (teller.allowed->len > MAX_ANSWERS)
		g_string_append_printf(allowed, " or %u others", teller.allowed->len - MAX_ANSWERS);
	sim_model_refute_detailed(run, detail->str, "%s comes to %s; allowed: %s", what, observed,
	                          allowed->str);
	g_string_free(teller.orders, TRUE);
	g_ptr_array_unref(teller.allowed);
}
