/* SPDX-License-Identifier: MIT */
#include "abi/ffa_decode.h"

#define STATUS_NAME_SIZE 20u
#define STATUS_COUNT     11u

/* Indexed by -status. */
static const char status_names[STATUS_COUNT][STATUS_NAME_SIZE] = {
        [-FFA_OK] = "SUCCESS",
        [-FFA_NOT_SUPPORTED] = "NOT_SUPPORTED",
        [-FFA_INVALID_PARAMETERS] = "INVALID_PARAMETERS",
        [-FFA_NO_MEMORY] = "NO_MEMORY",
        [-FFA_BUSY] = "BUSY",
        [-FFA_INTERRUPTED] = "INTERRUPTED",
        [-FFA_DENIED] = "DENIED",
        [-FFA_RETRY] = "RETRY",
        [-FFA_ABORTED] = "ABORTED",
        [-FFA_NO_DATA] = "NO_DATA",
        [-FFA_NOT_READY] = "NOT_READY",
};

static bool text_equal(const char *a, const char *b)
{
	for (; *a != '\0' && *a == *b; a++, b++)
		;
	return *a == *b;
}

/* What follows the prefix, or NULL if text does not start with it. */
static const char *text_after(const char *text, const char *prefix)
{
	for (; *prefix != '\0'; text++, prefix++) {
		if (*text != *prefix)
			return NULL;
	}
	return text;
}

static enum ffa_width width_of(uint32_t fid)
{
	return ffa_fid_is_64bit(fid) ? FFA_WIDTH_64 : FFA_WIDTH_32;
}

size_t ffa_call_count(void)
{
	return ffa_calls_assigned;
}

const struct ffa_call *ffa_call_at(size_t i)
{
	for (size_t row = 0; row < FFA_FN_COUNT; row++) {
		if (ffa_calls[row].name[0] == '\0')
			continue;
		if (i == 0)
			return &ffa_calls[row];
		i--;
	}
	return NULL;
}

const struct ffa_call *ffa_call_by_fid(uint32_t fid)
{
	uint32_t number = FFA_FID_NUMBER(fid);
	const struct ffa_call *call;

	if (number < FFA_FN_FIRST || number > FFA_FN_LAST)
		return NULL;
	call = &ffa_calls[number - FFA_FN_FIRST];
	return fid == call->fid[width_of(fid)] ? call : NULL;
}

/* The id that the rest of a name behind the call's own asks for; 0 if there is none. */
static uint32_t fid_by_suffix(const struct ffa_call *call, const char *suffix)
{
	if (text_equal(suffix, "_32"))
		return call->fid[FFA_WIDTH_32];
	if (text_equal(suffix, "_64"))
		return call->fid[FFA_WIDTH_64];
	if (*suffix != '\0')
		return 0;
	return call->fid[FFA_WIDTH_32] != 0 ? call->fid[FFA_WIDTH_32] : call->fid[FFA_WIDTH_64];
}

const struct ffa_call *ffa_call_by_name(const char *name, uint32_t *ret_fid)
{
	for (size_t row = 0; row < FFA_FN_COUNT; row++) {
		const struct ffa_call *call = &ffa_calls[row];
		const char *suffix = text_after(name, call->name);
		uint32_t fid;

		if (call->name[0] == '\0' || suffix == NULL)
			continue;
		fid = fid_by_suffix(call, suffix);
		if (fid == 0)
			continue;
		if (ret_fid != NULL)
			*ret_fid = fid;
		return call;
	}
	return NULL;
}

const char *ffa_fid_name(uint32_t fid)
{
	const struct ffa_call *call = ffa_call_by_fid(fid);

	return call == NULL ? NULL : call->id_name[width_of(fid)];
}

const char *ffa_status_name(int32_t status)
{
	if (status > 0 || status <= -(int32_t)STATUS_COUNT)
		return NULL;
	return status_names[-status];
}

bool ffa_status_by_name(const char *name, int32_t *ret_status)
{
	for (int32_t i = 0; i < (int32_t)STATUS_COUNT; i++) {
		if (text_equal(name, status_names[i])) {
			*ret_status = -i;
			return true;
		}
	}
	return false;
}

unsigned ffa_register_count(uint32_t fid, uint32_t version)
{
	return ffa_fid_is_64bit(fid) && version >= FFA_VERSION_1_2 ? FFA_REG_COUNT : 8;
}

unsigned ffa_first_unused(uint32_t fid, uint32_t version)
{
	const struct ffa_call *call = ffa_call_by_fid(fid);
	unsigned reg = ffa_register_count(fid, version);

	if (call == NULL)
		return 1;
	while (reg > 1 &&
	       ffa_layout_bits(&call->arguments, reg - 1, ffa_fid_is_64bit(fid), version) == 0)
		reg--;
	return reg;
}

const struct ffa_field *ffa_field_find(const struct ffa_call *call, enum ffa_fields which,
                                       const char *name)
{
	const struct ffa_field *field =
	        which == FFA_ARGUMENTS ? call->arguments.fields : call->results.fields;

	for (; field->name[0] != '\0'; field++) {
		if (text_equal(field->name, name))
			return field;
	}
	return NULL;
}

static uint64_t low_bits(unsigned count)
{
	return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

/* The highest bit of a field under this width of function id. */
static unsigned high_bit(const struct ffa_field *field, bool is_64bit)
{
	return field->high > 31 && !is_64bit ? 31 : field->high;
}

uint64_t ffa_field_max(const struct ffa_field *field)
{
	return ffa_field_max_for(field, FFA_FID_64BIT);
}

uint64_t ffa_field_max_for(const struct ffa_field *field, uint32_t fid)
{
	if (field->reg_high != 0)
		return UINT64_MAX;
	return low_bits(high_bit(field, ffa_fid_is_64bit(fid)) - field->low + 1u);
}

bool ffa_field_fits(const struct ffa_field *field, uint64_t value)
{
	return value <= ffa_field_max(field);
}

uint64_t ffa_field_get(const struct ffa_field *field, const struct ffa_regs *regs)
{
	uint64_t word = regs->x[field->reg];

	if (field->reg_high != 0)
		return ffa_join(word, regs->x[field->reg_high]);
	return word >> field->low & ffa_field_max_for(field, (uint32_t)regs->x[0]);
}

void ffa_field_set(const struct ffa_field *field, struct ffa_regs *regs, uint64_t value)
{
	uint64_t mask = ffa_field_max(field) << field->low;

	if (field->reg_high != 0) {
		regs->x[field->reg] = value & 0xffffffffu;
		regs->x[field->reg_high] = value >> 32;
		return;
	}
	regs->x[field->reg] = (regs->x[field->reg] & ~mask) | (value << field->low & mask);
}

static uint64_t field_bits(const struct ffa_field *field, unsigned reg, bool is_64bit)
{
	if (field->reg_high != 0)
		return reg == field->reg || reg == field->reg_high ? 0xffffffffu : 0;
	if (reg != field->reg || (field->low > 31 && !is_64bit))
		return 0;
	return low_bits(high_bit(field, is_64bit) - field->low + 1u) << field->low;
}

uint64_t ffa_layout_bits(const struct ffa_layout *layout, unsigned reg, bool is_64bit,
                         uint32_t version)
{
	uint64_t bits = 0;

	if (layout->payload_first != 0 && reg >= layout->payload_first &&
	    reg <= layout->payload_last && (reg < 8 || version >= layout->payload_wide))
		bits = is_64bit ? UINT64_MAX : 0xffffffffu;
	for (const struct ffa_field *field = layout->fields; field->name[0] != '\0'; field++) {
		if (version >= field->since || field->since == FFA_VERSION_1_0)
			bits |= field_bits(field, reg, is_64bit);
	}
	return bits;
}

int32_t ffa_result_status(const struct ffa_regs *answer)
{
	uint32_t fid = (uint32_t)answer->x[0];
	int32_t status = (int32_t)(uint32_t)answer->x[2];

	if (fid == FFA_SUCCESS_32 || fid == FFA_SUCCESS_64)
		return FFA_OK;
	if (fid == FFA_ERROR_32 && status < 0)
		return status;
	return FFA_STATUS_NONE;
}

int32_t ffa_answer_status(uint32_t call_fid, const struct ffa_regs *answer)
{
	uint32_t word = (uint32_t)answer->x[0];

	if (call_fid != FFA_VERSION_32)
		return ffa_result_status(answer);
	if (word == (uint32_t)FFA_NOT_SUPPORTED)
		return FFA_NOT_SUPPORTED;
	return (word & FFA_VERSION_MBZ) == 0 ? FFA_OK : FFA_STATUS_NONE;
}

int32_t ffa_answer_code(uint32_t call_fid, const struct ffa_regs *answer)
{
	int32_t status = ffa_answer_status(call_fid, answer);
	const struct ffa_call *ended_by = ffa_call_by_fid((uint32_t)answer->x[0]);

	if (status != FFA_STATUS_NONE || call_fid == FFA_VERSION_32 || ended_by == NULL)
		return status;
	return ended_by->number;
}

/* A function by the short name that nothing else has. */
static const char *short_name(const struct ffa_call *call)
{
	const char *direct = text_after(call->name, "FFA_MSG_SEND_DIRECT_");

	if (call->number == FFA_FN_ERROR)
		return "BAD_ERROR";
	return call->name + (direct != NULL ? sizeof "FFA_MSG_SEND_" : sizeof "FFA_") - 1;
}

const char *ffa_code_name(int32_t code)
{
	uint32_t number = (uint32_t)code;

	if (code == FFA_STATUS_NONE)
		return "UNKNOWN";
	if (code <= 0)
		return ffa_status_name(code);
	if (number < FFA_FN_FIRST || number > FFA_FN_LAST ||
	    ffa_calls[number - FFA_FN_FIRST].name[0] == '\0')
		return NULL;
	return short_name(&ffa_calls[number - FFA_FN_FIRST]);
}

/* Statuses, functions but FFA_SUCCESS, and what is neither. */
static int32_t code_at(size_t i)
{
	if (i < STATUS_COUNT)
		return -(int32_t)i;
	i -= STATUS_COUNT;
	for (size_t row = 0; row < FFA_FN_COUNT; row++) {
		if (ffa_calls[row].name[0] == '\0' || ffa_calls[row].number == FFA_FN_SUCCESS)
			continue;
		if (i == 0)
			return ffa_calls[row].number;
		i--;
	}
	return FFA_STATUS_NONE;
}

size_t ffa_code_count(void)
{
	return STATUS_COUNT + ffa_calls_assigned;
}

const char *ffa_code_name_at(size_t i)
{
	return i < ffa_code_count() ? ffa_code_name(code_at(i)) : NULL;
}

bool ffa_code_by_name(const char *name, int32_t *ret_code)
{
	for (size_t i = 0; i < ffa_code_count(); i++) {
		if (text_equal(name, ffa_code_name_at(i))) {
			*ret_code = code_at(i);
			return true;
		}
	}
	return false;
}

bool ffa_result_is_plain(const struct ffa_regs *answer)
{
	uint32_t fid = (uint32_t)answer->x[0];

	return fid == FFA_SUCCESS_32 || fid == FFA_SUCCESS_64 || fid == FFA_ERROR_32;
}
