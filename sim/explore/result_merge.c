/* SPDX-License-Identifier: MIT */
/* Results read and put together. */
#include <string.h>

#include "sim/explore/coverage.h"
#include "sim/explore/identity.h"
#include "sim/explore/orders.h"
#include "sim/explore/path.h"
#include "sim/explore/result.h"
#include "sim/explore/seal.h"

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return value;
}

static const char *text(struct json_object *object, const char *key)
{
	return json_object_get_string(get(object, key));
}

static int number(struct json_object *object, const char *key)
{
	return json_object_get_int(get(object, key));
}

static bool is_array(struct json_object *object, const char *key)
{
	return json_object_is_type(get(object, key), json_type_array);
}

static bool refuse(GError **error, const char *path, const char *why)
{
	g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA, "'%s' %s", path, why);
	return false;
}

/* What is asked of every element before anything is made of it. */
static bool is_element(struct json_object *element)
{
	return json_object_is_type(element, json_type_object) &&
	       json_object_is_type(get(element, "path"), json_type_string) &&
	       (get(element, "report") ||
	        json_object_is_type(get(element, "end"), json_type_string));
}

struct json_object *sim_result_read(const char *path, GError **error)
{
	g_autofree char *contents = NULL;
	g_autofree char *why = NULL;
	struct json_object *object, *files = NULL;
	gsize size;

	if (!sim_identity_read(path, &contents, &size, error))
		return NULL;
	object = sim_seal_open(contents, size, "result", SIM_RESULT_VERSION, &why);
	if (!object)
		refuse(error, path, why);
	else if (!is_array(object, "files"))
		refuse(error, path, "is not as it was written");
	else
		files = json_object_get(get(object, "files"));
	for (size_t i = 0; files && i < json_object_array_length(files); i++) {
		if (is_element(json_object_array_get_idx(files, i)))
			continue;
		refuse(error, path, "is not as it was written");
		json_object_put(files);
		files = NULL;
	}
	for (size_t i = 0; files && i < json_object_array_length(files); i++)
		json_object_object_add(json_object_array_get_idx(files, i), "from",
		                       json_object_new_string(path));
	json_object_put(object);
	return files;
}

/* A shard that could not be searched says so for all. */
static struct sim_explored_file *report_of(struct json_object *element)
{
	const char *encoded = text(element, "report");
	struct sim_explored_file *file;
	gsize size;
	guchar *data;
	GBytes *bytes;

	if (!encoded)
		return NULL;
	data = g_base64_decode(encoded, &size);
	bytes = g_bytes_new_take(data, size);
	file = sim_explored_file_from_bytes(bytes);
	g_bytes_unref(bytes);
	return file;
}

/* Every shard once, all of the same search. */
static bool check_elements(const GPtrArray *elements, GError **error)
{
	struct json_object *first = g_ptr_array_index(elements, 0);
	int shards = number(first, "shards");
	const char *path = text(first, "path");
	g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);

	for (guint i = 0; i < elements->len; i++) {
		struct json_object *element = g_ptr_array_index(elements, i);
		int shard = number(element, "shard");

		if (!is_array(element, "parts") || !is_array(element, "details") ||
		    !is_array(element, "sometimes") || !get(element, "identity"))
			return refuse(error, text(element, "from"), "is not as it was written");
		if (!sim_identity_check(text(element, "from"), get(element, "identity"),
		                        get(first, "identity"), error))
			return false;
		if (number(element, "shards") != shards ||
		    number(element, "jobs") != number(first, "jobs"))
			return refuse(error, text(element, "from"), "is of another splitting");
		if (shard < 1 || shard > shards ||
		    !g_hash_table_add(seen, GINT_TO_POINTER(shard))) {
			g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA,
			            "shard %d of %d of '%s' is there twice: in '%s', too", shard,
			            shards, path, text(element, "from"));
			return false;
		}
	}
	for (int shard = 1; shard <= shards; shard++) {
		if (g_hash_table_contains(seen, GINT_TO_POINTER(shard)))
			continue;
		g_set_error(error, SIM_ERROR, SIM_ERROR_SCHEMA,
		            "shard %d of %d of '%s' is missing among the results", shard, shards,
		            path);
		return false;
	}
	return true;
}

/* owners: shards by job, as far as they are known: a job is one shard's. */
static bool add_parts(struct json_object *element, GHashTable *owners, GPtrArray *parts,
                      GError **error)
{
	struct json_object *array = get(element, "parts");
	unsigned jobs = (unsigned)number(element, "jobs");
	gpointer shard = GINT_TO_POINTER(number(element, "shard")), owner;

	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct sim_part *part =
		        sim_part_from_json(json_object_array_get_idx(array, i), error);

		if (!part)
			return false;
		g_ptr_array_add(parts, part);
		owner = g_hash_table_lookup(owners, GUINT_TO_POINTER(part->job));
		g_hash_table_insert(owners, GUINT_TO_POINTER(part->job), shard);
		if (part->job >= jobs || (owner && owner != shard))
			return refuse(error, text(element, "from"), "has a job of another shard");
	}
	return true;
}

static void set_text(char **value, struct json_object *object, const char *key)
{
	g_free(*value);
	*value = g_strdup(text(object, key));
}

/* What the first shard with this very path made of the finding. */
static void add_detail(const GPtrArray *elements, const struct sim_part_finding *from,
                       struct sim_explored_finding *finding)
{
	g_autofree char *steps = sim_path_steps_to_text(from->path);

	for (guint i = 0; i < elements->len; i++) {
		struct json_object *details = get(g_ptr_array_index(elements, i), "details");

		for (size_t j = 0; j < json_object_array_length(details); j++) {
			struct json_object *detail = json_object_array_get_idx(details, j);

			if (g_strcmp0(text(detail, "steps"), steps) != 0 ||
			    g_strcmp0(text(detail, "source"), from->source) != 0 ||
			    g_strcmp0(text(detail, "cause"), from->cause) != 0)
				continue;
			set_text(&finding->message, detail, "message");
			set_text(&finding->place, detail, "place");
			finding->path = g_strdup(text(detail, "path"));
			finding->trace = g_strdup(text(detail, "trace"));
			finding->scenario = g_strdup(text(detail, "scenario"));
			finding->detail = g_strdup(text(detail, "detail"));
			return;
		}
	}
}

/* What only the shards together show, nobody has looked at. */
static void add_path(const GPtrArray *elements, const struct sim_part_finding *from,
                     struct sim_explored_finding *finding)
{
	struct json_object *first = g_ptr_array_index(elements, 0);
	const char *granularity = text(first, "granularity"), *build = text(first, "build");
	struct sim_path_head head = {0};

	if (granularity)
		sim_granularity_by_name(granularity, &head.granularity);
	g_strlcpy(head.build, build ? build : "", sizeof head.build);
	if (!finding->path)
		finding->path = sim_path_to_text(from->path, &head);
	if (!finding->detail)
		finding->detail = sim_orders_detail(from, &head);
}

static void add_findings(const GPtrArray *elements, const struct sim_explore_file_options *options,
                         const struct sim_part *whole, struct sim_explored_file *file)
{
	for (guint i = 0; i < whole->findings->len; i++) {
		const struct sim_part_finding *from = g_ptr_array_index(whole->findings, i);
		struct sim_explored_finding *finding =
		        sim_explored_file_add(file, from->verdict, from->source, from->message);

		finding->place = g_strdup(from->place);
		finding->first = from->first;
		finding->count = from->count;
		finding->rates = sim_coverage_rates(options, whole, from);
		add_detail(elements, from, finding);
		add_path(elements, from, finding);
		sim_explored_finding_vary(finding, &from->variants);
	}
}

static void add_unseen(struct json_object *first, const struct sim_part *whole,
                       struct sim_explored_file *file)
{
	struct json_object *sometimes = get(first, "sometimes");

	for (size_t i = 0; i < json_object_array_length(sometimes); i++) {
		struct json_object *one = json_object_array_get_idx(sometimes, i);
		unsigned mark = (unsigned)number(one, "mark");

		if (mark < SIM_PART_MARKS && !whole->seen[mark])
			sim_coverage_add_unseen(file, text(one, "text"), text(one, "place"));
	}
}

/* The options that a report speaks of. */
static bool read_options(struct json_object *first, struct sim_explore_file_options *ret_options)
{
	struct json_object *identity = get(first, "identity");
	const char *strategy = text(identity, "strategy"),
	           *granularity = text(identity, "granularity");

	*ret_options = (struct sim_explore_file_options){0};
	ret_options->search.seed = json_object_get_uint64(get(identity, "seed"));
	return strategy && granularity &&
	       sim_strategy_by_name(strategy, &ret_options->search.strategy) &&
	       sim_granularity_by_name(granularity, &ret_options->granularity);
}

/* Of what nobody has a part: why not. */
static enum sim_explore_end end_of(const GPtrArray *elements)
{
	enum sim_explore_end end = SIM_EXPLORE_COMPLETE, next;

	for (guint i = 0; i < elements->len; i++)
		if (sim_explore_end_by_name(text(g_ptr_array_index(elements, i), "end"), &next))
			end = sim_part_worse_end(end, next);
	return end;
}

static struct sim_explored_file *make_file(const GPtrArray *elements,
                                           const struct sim_explore_file_options *options,
                                           const GPtrArray *parts)
{
	struct json_object *first = g_ptr_array_index(elements, 0);
	struct sim_explored_file *file = sim_explored_file_new(text(first, "path"));
	g_autoptr(SimPart) whole = sim_parallel_join(parts, (unsigned)number(first, "jobs"),
	                                             options->search.strategy, end_of(elements));

	file->about = g_strdup(text(first, "about"));
	file->subject = g_strdup(text(first, "subject"));
	sim_coverage_tell(options, whole, json_object_get_boolean(get(first, "races")), file);
	add_findings(elements, options, whole, file);
	if (whole->end == SIM_EXPLORE_COMPLETE && !file->empty)
		add_unseen(first, whole, file);
	return file;
}

struct sim_explored_file *sim_result_merge(GPtrArray *elements, GError **error)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func((GDestroyNotify)sim_part_free);
	g_autoptr(GHashTable) owners = g_hash_table_new(g_direct_hash, g_direct_equal);
	struct sim_explore_file_options options;

	for (guint i = 0; i < elements->len; i++) {
		struct sim_explored_file *report = report_of(g_ptr_array_index(elements, i));

		if (report)
			return report;
	}
	if (!check_elements(elements, error))
		return NULL;
	for (guint i = 0; i < elements->len; i++)
		if (!add_parts(g_ptr_array_index(elements, i), owners, parts, error))
			return NULL;
	if (!read_options(g_ptr_array_index(elements, 0), &options)) {
		refuse(error, text(g_ptr_array_index(elements, 0), "from"),
		       "is not as it was written");
		return NULL;
	}
	return make_file(elements, &options, parts);
}
