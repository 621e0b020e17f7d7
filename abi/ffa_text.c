/* SPDX-License-Identifier: MIT */
#include "abi/ffa_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "abi/ffa_decode.h"

/* A text that grows in the caller's buffer and goes on counting behind its end. */
struct line {
	char *buffer;
	size_t size;
	size_t length;
	const struct ffa_namer *namer;
};

static const char *const kind_names[FFA_KIND_COUNT_OF] = {
        [FFA_KIND_NUMBER] = "number",       [FFA_KIND_ENDPOINT] = "endpoint",
        [FFA_KIND_VCPU] = "vcpu",           [FFA_KIND_VERSION] = "version",
        [FFA_KIND_BITMAP] = "bitmap",       [FFA_KIND_FLAGS] = "flags",
        [FFA_KIND_STATUS] = "status",       [FFA_KIND_COUNT] = "count",
        [FFA_KIND_ADDRESS] = "address",     [FFA_KIND_HANDLE] = "handle",
        [FFA_KIND_UUID] = "uuid",           [FFA_KIND_FUNCTION] = "function",
        [FFA_KIND_INTERRUPT] = "interrupt", [FFA_KIND_IDS] = "ids",
};

const char *ffa_kind_name(unsigned kind)
{
	return kind < FFA_KIND_COUNT_OF ? kind_names[kind] : NULL;
}

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	size_t used = line->length < line->size ? line->length : line->size;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line->buffer == NULL ? NULL : line->buffer + used, line->size - used,
	                   format, arguments);
	va_end(arguments);
	if (length > 0)
		line->length += (size_t)length;
}

static void add_endpoint(struct line *line, uint64_t value)
{
	const char *name = NULL;

	if (line->namer != NULL)
		name = line->namer->endpoint(line->namer->data, ffa_make_id((uint32_t)value));
	if (name != NULL)
		add(line, "%s", name);
	else
		add(line, "0x%" PRIx64, value);
}

/* A word that is no version, or a negotiation that failed, stays a number. */
static void add_version(struct line *line, uint64_t value)
{
	if (value > UINT32_MAX || (value & FFA_VERSION_MBZ) != 0)
		add(line, "0x%" PRIx64, value);
	else
		add(line, "%u.%u", (unsigned)(value >> 16), (unsigned)(value & 0xffff));
}

static void add_status(struct line *line, uint64_t value)
{
	int32_t status = (int32_t)(uint32_t)value;
	const char *name = ffa_status_name(status);

	if (name != NULL)
		add(line, "%s", name);
	else
		add(line, "%" PRId32, status);
}

static void add_function(struct line *line, uint64_t value)
{
	const char *name = ffa_fid_name((uint32_t)value);

	if (name != NULL && value <= UINT32_MAX)
		add(line, "%s", name);
	else
		add(line, "0x%" PRIx64, value);
}

static void add_value(struct line *line, unsigned kind, uint64_t value)
{
	switch (kind) {
	case FFA_KIND_ENDPOINT:
		add_endpoint(line, value);
		return;
	case FFA_KIND_VERSION:
		add_version(line, value);
		return;
	case FFA_KIND_STATUS:
		add_status(line, value);
		return;
	case FFA_KIND_FUNCTION:
		add_function(line, value);
		return;
	case FFA_KIND_COUNT:
	case FFA_KIND_VCPU:
	case FFA_KIND_INTERRUPT:
		add(line, "%" PRIu64, value);
		return;
	default:
		add(line, "0x%" PRIx64, value);
		return;
	}
}

static bool shown_when_zero(unsigned kind)
{
	return kind == FFA_KIND_COUNT || kind == FFA_KIND_ENDPOINT || kind == FFA_KIND_VCPU ||
	       kind == FFA_KIND_VERSION;
}

static void add_fields(struct line *line, const struct ffa_layout *layout,
                       const struct ffa_regs *regs, bool zero_too)
{
	for (const struct ffa_field *field = layout->fields; field->name[0] != '\0'; field++) {
		uint64_t value = ffa_field_get(field, regs);

		if (value == 0 && !zero_too && !shown_when_zero(field->kind))
			continue;
		add(line, "%s%s=", line->length == 0 ? "" : " ", field->name);
		add_value(line, field->kind, value);
	}
}

/* Bits of a register that the fields of a layout show. */
static uint64_t named_bits(const struct ffa_layout *layout, unsigned reg, bool is_64bit)
{
	struct ffa_layout fields_only = *layout;

	fields_only.payload_first = 0;
	return ffa_layout_bits(&fields_only, reg, is_64bit, UINT32_MAX);
}

static void add_rest(struct line *line, const struct ffa_layout *layout,
                     const struct ffa_regs *regs, bool is_64bit)
{
	for (unsigned reg = 1; reg < FFA_REG_COUNT; reg++) {
		uint64_t named = layout == NULL ? 0 : named_bits(layout, reg, is_64bit);

		if ((regs->x[reg] & ~named) != 0)
			add(line, " x%u=0x%" PRIx64, reg, regs->x[reg]);
	}
}

static void add_call(struct line *line, const struct ffa_regs *regs)
{
	uint32_t fid = (uint32_t)regs->x[0];
	const struct ffa_call *call = ffa_call_by_fid(fid);

	if (call == NULL || regs->x[0] > UINT32_MAX) {
		add(line, "0x%08" PRIx64, regs->x[0]);
		add_rest(line, NULL, regs, true);
		return;
	}
	add(line, "%s", ffa_fid_name(fid));
	add_fields(line, &call->arguments, regs, true);
	add_rest(line, &call->arguments, regs, ffa_fid_is_64bit(fid));
}

static void add_version_answer(struct line *line, const struct ffa_call *call,
                               const struct ffa_regs *answer)
{
	if (answer->x[0] == (uint32_t)FFA_NOT_SUPPORTED)
		add(line, "NOT_SUPPORTED");
	else if (answer->x[0] > UINT32_MAX)
		add(line, "version=0x%" PRIx64, answer->x[0]);
	else
		add_fields(line, &call->results, answer, true);
	add_rest(line, &call->results, answer, false);
}

/* A width that the call does not end with is worth seeing. */
static void add_success(struct line *line, uint32_t call_fid, const struct ffa_call *call,
                        const struct ffa_regs *answer)
{
	bool is_64bit = ffa_fid_is_64bit((uint32_t)answer->x[0]);
	bool expected =
	        call != NULL && call->success == FFA_SUCCESS_AS_CALL && ffa_fid_is_64bit(call_fid);

	add(line, "SUCCESS");
	if (is_64bit != expected)
		add(line, is_64bit ? "_64" : "_32");
	if (call != NULL)
		add_fields(line, &call->results, answer, false);
	add_rest(line, call == NULL ? NULL : &call->results, answer, is_64bit);
}

static void add_error(struct line *line, const struct ffa_regs *answer)
{
	const struct ffa_layout *layout = &ffa_call_by_fid(FFA_ERROR_32)->arguments;
	int32_t status = ffa_result_status(answer);
	const char *name = ffa_status_name(status);

	if (name != NULL)
		add(line, "%s", name);
	else
		add(line, "ERROR status=%" PRId32, (int32_t)(uint32_t)answer->x[2]);
	if ((uint32_t)answer->x[1] != 0)
		add(line, " target=0x%" PRIx32, (uint32_t)answer->x[1]);
	add_rest(line, layout, answer, false);
}

static void add_answer(struct line *line, uint32_t call_fid, const struct ffa_regs *answer)
{
	const struct ffa_call *call = ffa_call_by_fid(call_fid);

	if (call_fid == FFA_VERSION_32)
		add_version_answer(line, call, answer);
	else if (answer->x[0] == FFA_ERROR_32)
		add_error(line, answer);
	else if (answer->x[0] == FFA_SUCCESS_32 || answer->x[0] == FFA_SUCCESS_64)
		add_success(line, call_fid, call, answer);
	else
		add_call(line, answer);
}

static struct line begin(const struct ffa_namer *namer, char *buffer, size_t size)
{
	if (size > 0)
		buffer[0] = '\0';
	return (struct line){.buffer = buffer, .size = size, .namer = namer};
}

size_t ffa_describe_call(const struct ffa_regs *regs, const struct ffa_namer *namer, char *buffer,
                         size_t size)
{
	struct line line = begin(namer, buffer, size);

	add_call(&line, regs);
	return line.length;
}

size_t ffa_describe_answer(uint32_t call_fid, const struct ffa_regs *answer,
                           const struct ffa_namer *namer, char *buffer, size_t size)
{
	struct line line = begin(namer, buffer, size);

	add_answer(&line, call_fid, answer);
	return line.length;
}

size_t ffa_describe_value(unsigned kind, uint64_t value, const struct ffa_namer *namer,
                          char *buffer, size_t size)
{
	struct line line = begin(namer, buffer, size);

	add_value(&line, kind, value);
	return line.length;
}
