/* SPDX-License-Identifier: MIT */
/* Parts as JSON. Steps of a path are written like those of a schedule to paste: "a3b2a". */
#include <string.h>

#include "sim/explore/part.h"
#include "sim/explore/path.h"

static void add_count(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

static void add_text(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

/* Counts by who drew the executions, if anybody did in turn with others. */
static void add_members(struct json_object *object, const char *key, const uint64_t *by)
{
	struct json_object *members = json_object_new_object();

	for (unsigned i = SIM_MEMBER_ALONE + 1; i < SIM_MEMBER_COUNT; i++)
		if (by[i])
			add_count(members, sim_member_name((enum sim_member)i), by[i]);
	if (json_object_object_length(members))
		json_object_object_add(object, key, members);
	else
		json_object_put(members);
}

static void read_members(struct json_object *object, const char *key, uint64_t *ret_by)
{
	struct json_object *members = NULL, *value = NULL;

	memset(ret_by, 0, SIM_MEMBER_COUNT * sizeof *ret_by);
	json_object_object_get_ex(object, key, &members);
	for (unsigned i = SIM_MEMBER_ALONE + 1; members && i < SIM_MEMBER_COUNT; i++)
		if (json_object_object_get_ex(members, sim_member_name((enum sim_member)i), &value))
			ret_by[i] = json_object_get_uint64(value);
}

static void add_variants(struct json_object *object, const struct sim_variants *variants)
{
	struct json_object *array = json_object_new_array();

	for (guint i = 0; i < variants->texts->len; i++)
		json_object_array_add(
		        array, json_object_new_string(g_ptr_array_index(variants->texts, i)));
	json_object_object_add(object, "variants", array);
	json_object_object_add(object, "more-variants", json_object_new_boolean(variants->more));
}

static struct json_object *finding_to_json(const struct sim_part_finding *finding)
{
	struct json_object *object = json_object_new_object();
	g_autofree char *path = sim_path_steps_to_text(finding->path);

	add_text(object, "verdict", sim_verdict_text(finding->verdict));
	add_text(object, "source", finding->source);
	add_text(object, "cause", finding->cause);
	add_text(object, "message", finding->message);
	add_variants(object, &finding->variants);
	add_text(object, "place", finding->place);
	add_count(object, "count", finding->count);
	add_count(object, "first", finding->first);
	add_members(object, "by", finding->by);
	add_text(object, "path", path);
	return object;
}

struct count {
	const char *key;
	size_t offset;
};

static const struct count counts[] = {
        {"executions", offsetof(struct sim_part, executions)},
        {"numbers", offsetof(struct sim_part, numbers)},
        {"blocked", offsetof(struct sim_part, blocked)},
        {"cut", offsetof(struct sim_part, cut)},
        {"states", offsetof(struct sim_part, states)},
        {"steps", offsetof(struct sim_part, steps)},
        {"memory", offsetof(struct sim_part, memory)},
};

static uint64_t *count_of(struct sim_part *part, const struct count *count)
{
	return (uint64_t *)(void *)((char *)part + count->offset);
}

static void add_seen(struct json_object *object, const struct sim_part *part)
{
	struct json_object *seen = json_object_new_array();

	for (unsigned i = 0; i < SIM_PART_MARKS; i++)
		if (part->seen[i])
			json_object_array_add(seen, json_object_new_int((int)i));
	json_object_object_add(object, "seen", seen);
}

static const char *const order_kinds[SIM_LOCK_ORDER_KINDS] = {
        [SIM_LOCK_HELD] = "held",
        [SIM_LOCK_INTERRUPT] = "interrupt",
        [SIM_LOCK_ELSEWHERE] = "elsewhere",
};

static void add_orders(struct json_object *object, const struct sim_part *part)
{
	struct json_object *orders = json_object_new_array();

	for (guint i = 0; i < part->orders->len; i++) {
		const struct sim_part_order *from = g_ptr_array_index(part->orders, i);
		g_autofree char *path = from->path ? sim_path_steps_to_text(from->path) : NULL;
		struct json_object *order = json_object_new_object();

		add_text(order, "kind", order_kinds[from->kind]);
		add_text(order, "held", from->held);
		add_text(order, "taken", from->taken);
		add_count(order, "first", from->first);
		add_text(order, "path", path);
		json_object_array_add(orders, order);
	}
	json_object_object_add(object, "orders", orders);
}

struct json_object *sim_part_to_json(const struct sim_part *part)
{
	struct json_object *object = json_object_new_object();
	struct json_object *findings = json_object_new_array(),
	                   *outcomes = json_object_new_object();
	struct sim_part copy = *part;

	add_count(object, "job", part->job);
	add_count(object, "round", part->round);
	add_text(object, "end", sim_explore_end_name(part->end));
	for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++)
		add_count(object, counts[i].key, *count_of(&copy, &counts[i]));
	add_count(object, "deepest", part->deepest);
	add_members(object, "drawn", part->drawn);
	add_seen(object, part);
	for (guint i = 0; i < part->findings->len; i++)
		json_object_array_add(findings,
		                      finding_to_json(g_ptr_array_index(part->findings, i)));
	json_object_object_add(object, "findings", findings);
	for (guint i = 0; i < part->outcomes->len; i++) {
		const struct sim_part_outcome *outcome = g_ptr_array_index(part->outcomes, i);

		add_count(outcomes, outcome->text, outcome->count);
	}
	json_object_object_add(object, "outcomes", outcomes);
	if (part->orders->len)
		add_orders(object, part);
	if (sim_unjudged_any(&part->unjudged))
		json_object_object_add(object, "unjudged", sim_unjudged_to_json(&part->unjudged));
	return object;
}

/* A member of that type, or NULL and an error. */
static struct json_object *member(struct json_object *object, const char *key, enum json_type type,
                                  GError **error)
{
	struct json_object *value;

	if (json_object_is_type(object, json_type_object) &&
	    json_object_object_get_ex(object, key, &value) && json_object_is_type(value, type))
		return value;
	g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA, "'%s' is missing or of another kind", key);
	return NULL;
}

static bool read_count(struct json_object *object, const char *key, uint64_t *ret, GError **error)
{
	struct json_object *value = member(object, key, json_type_int, error);

	if (value)
		*ret = json_object_get_uint64(value);
	return value;
}

static bool read_small(struct json_object *object, const char *key, uint32_t *ret, GError **error)
{
	uint64_t value = 0;

	if (!read_count(object, key, &value, error))
		return false;
	*ret = (uint32_t)MIN(value, UINT32_MAX);
	return true;
}

static const char *read_text(struct json_object *object, const char *key, GError **error)
{
	struct json_object *value = member(object, key, json_type_string, error);

	return value ? json_object_get_string(value) : NULL;
}

static bool read_verdict(struct json_object *object, enum sim_verdict *ret, GError **error)
{
	const char *text = read_text(object, "verdict", error);

	for (unsigned i = 0; text && i < SIM_VERDICT_COUNT; i++) {
		if (strcmp(text, sim_verdict_text((enum sim_verdict)i)) != 0)
			continue;
		*ret = (enum sim_verdict)i;
		return true;
	}
	if (text)
		g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA, "there is no verdict '%s'", text);
	return false;
}

static bool read_variants(struct json_object *object, struct sim_variants *variants, GError **error)
{
	struct json_object *array = member(object, "variants", json_type_array, error),
	                   *more = member(object, "more-variants", json_type_boolean, error);

	if (!array || !more)
		return false;
	for (size_t i = 0; i < json_object_array_length(array); i++)
		sim_variants_add(variants,
		                 json_object_get_string(json_object_array_get_idx(array, i)));
	variants->more = json_object_get_boolean(more);
	return true;
}

static bool read_finding(struct sim_part *part, struct json_object *object,
                         struct sim_explore_hit *hit, GError **error)
{
	struct sim_part_finding words = {0};
	struct json_object *place = NULL;
	bool good;
	const char *source, *cause, *message, *path;

	if (!read_verdict(object, &words.verdict, error) ||
	    !(source = read_text(object, "source", error)) ||
	    !(cause = read_text(object, "cause", error)) ||
	    !(message = read_text(object, "message", error)) ||
	    !(path = read_text(object, "path", error)) ||
	    !read_count(object, "count", &hit->count, error) ||
	    !read_count(object, "first", &hit->first, error) ||
	    !sim_path_steps_from_text(path, &hit->path, error))
		return false;
	read_members(object, "by", hit->by);
	words.source = (char *)(uintptr_t)source;
	words.cause = (char *)(uintptr_t)cause;
	words.message = (char *)(uintptr_t)message;
	if (json_object_object_get_ex(object, "place", &place))
		words.place = (char *)(uintptr_t)json_object_get_string(place);
	sim_variants_init(&words.variants);
	good = read_variants(object, &words.variants, error);
	if (good)
		sim_part_add_hit(part, &words, hit);
	sim_variants_clear(&words.variants);
	return good;
}

static bool read_findings(struct sim_part *part, struct json_object *object, GError **error)
{
	struct json_object *findings = member(object, "findings", json_type_array, error);
	size_t count = findings ? json_object_array_length(findings) : 0, i = 0;
	struct sim_explore_hit *hit = g_new0(struct sim_explore_hit, 1);

	while (i < count && read_finding(part, json_object_array_get_idx(findings, i), hit, error))
		i++;
	g_free(hit);
	return findings && i == count;
}

static bool read_outcomes(struct sim_part *part, struct json_object *object, GError **error)
{
	struct json_object *outcomes = member(object, "outcomes", json_type_object, error);

	if (!outcomes)
		return false;
	json_object_object_foreach(outcomes, text, value)
	{
		struct sim_part_outcome *outcome = g_new0(struct sim_part_outcome, 1);

		outcome->text = g_strdup(text);
		outcome->count = json_object_get_uint64(value);
		g_ptr_array_add(part->outcomes, outcome);
	}
	return true;
}

static bool read_seen(struct sim_part *part, struct json_object *object, GError **error)
{
	struct json_object *seen = member(object, "seen", json_type_array, error);

	for (size_t i = 0; seen && i < json_object_array_length(seen); i++) {
		uint64_t mark = json_object_get_uint64(json_object_array_get_idx(seen, i));

		if (mark < SIM_PART_MARKS)
			part->seen[mark] = true;
	}
	return seen;
}

static bool read_end(struct sim_part *part, struct json_object *object, GError **error)
{
	const char *text = read_text(object, "end", error);

	if (!text || sim_explore_end_by_name(text, &part->end))
		return text;
	g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA, "there is no end '%s'", text);
	return false;
}

static bool read_kind(struct json_object *object, enum sim_lock_order_kind *ret, GError **error)
{
	const char *text = read_text(object, "kind", error);

	for (unsigned i = 0; text && i < SIM_LOCK_ORDER_KINDS; i++) {
		if (strcmp(text, order_kinds[i]) != 0)
			continue;
		*ret = (enum sim_lock_order_kind)i;
		return true;
	}
	if (text)
		g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA, "there is no order '%s'", text);
	return false;
}

static bool read_order(struct sim_part *part, struct json_object *object, GError **error)
{
	struct sim_part_order order = {0};
	struct json_object *held = NULL, *path = NULL;
	struct sim_explore_path steps;
	const char *taken;

	if (!read_kind(object, &order.kind, error) ||
	    !(taken = read_text(object, "taken", error)) ||
	    !read_count(object, "first", &order.first, error) ||
	    (order.kind == SIM_LOCK_HELD &&
	     !(held = member(object, "held", json_type_string, error))))
		return false;
	order.taken = (char *)(uintptr_t)taken;
	order.held = (char *)(uintptr_t)(held ? json_object_get_string(held) : NULL);
	json_object_object_get_ex(object, "path", &path);
	if (path && !sim_path_steps_from_text(json_object_get_string(path), &steps, error))
		return false;
	order.path = path ? &steps : NULL;
	sim_part_add_order(part, &order);
	return true;
}

static bool read_orders(struct sim_part *part, struct json_object *object, GError **error)
{
	struct json_object *orders = NULL;

	json_object_object_get_ex(object, "orders", &orders);
	for (size_t i = 0; orders && i < json_object_array_length(orders); i++)
		if (!read_order(part, json_object_array_get_idx(orders, i), error))
			return false;
	return true;
}

static bool read_unjudged(struct sim_part *part, struct json_object *object, GError **error)
{
	struct json_object *unjudged = NULL;

	json_object_object_get_ex(object, "unjudged", &unjudged);
	if (sim_unjudged_from_json(unjudged, &part->unjudged))
		return true;
	g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA, "'unjudged' has a limit that is not known");
	return false;
}

struct sim_part *sim_part_from_json(struct json_object *object, GError **error)
{
	g_autoptr(SimPart) part = sim_part_new();

	if (!read_small(object, "job", &part->job, error) ||
	    !read_small(object, "round", &part->round, error) ||
	    !read_small(object, "deepest", &part->deepest, error) || !read_end(part, object, error))
		return NULL;
	for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++)
		if (!read_count(object, counts[i].key, count_of(part, &counts[i]), error))
			return NULL;
	read_members(object, "drawn", part->drawn);
	if (!read_seen(part, object, error) || !read_findings(part, object, error) ||
	    !read_outcomes(part, object, error) || !read_unjudged(part, object, error) ||
	    !read_orders(part, object, error))
		return NULL;
	return g_steal_pointer(&part);
}
