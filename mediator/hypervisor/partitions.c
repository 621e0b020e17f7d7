/* SPDX-License-Identifier: MIT */
/*
 * The SPs, as the SPMC lists them at start-up: in a page, or in registers where
 * there is none. The RX page is the SPMC's to write at any time, so every byte of
 * it that matters is read once.
 */
#include "mediator/hypervisor/hyp_internal.h"

/* A descriptor is at least as long as in FF-A 1.1; later ones are longer (facts spmc 1.3.8). */
#define DESCRIPTOR_SIZE 24u
#define PAGE_SIZE       4096u
#define MAPPED_PAGES    1u

/* Where a descriptor has what is of interest here. */
#define AT_ID         0u
#define AT_PROPERTIES 4u

/* In registers, from x3 on, a descriptor begins with its id and, above, its properties. */
#define FIRST_REG   3u
#define LIST_REGS   (FFA_REG_COUNT - FIRST_REG)
#define WORD_SIZE   8u
#define MAX_ENTRIES (PAGE_SIZE / DESCRIPTOR_SIZE) /* as many as a page can have */

struct partition {
	struct ffa_id id;
	uint32_t properties; /* of all its entries together */
};

static struct partition partitions[HYP_MAX_PARTITIONS];
static size_t partition_count;

static struct platform_page rx_page;
static struct platform_page tx_page;
static bool mapped;

size_t hyp_partition_count(void)
{
	return partition_count;
}

struct ffa_id hyp_partition_id(size_t index)
{
	return partitions[index].id;
}

uint64_t hyp_partitions_with(uint32_t properties)
{
	uint64_t found = 0;

	for (size_t i = 0; i < partition_count; i++) {
		if ((partitions[i].properties & properties) == properties)
			found |= UINT64_C(1) << i;
	}
	return found;
}

static void free_pages(void)
{
	platform_page_free(&tx_page);
	platform_page_free(&rx_page);
}

static bool alloc_pages(void)
{
	if (platform_page_alloc(&tx_page) && platform_page_alloc(&rx_page))
		return true;
	free_pages();
	return false;
}

/* Pages that the SPMC does not take are not needed. */
static bool map_pages(void)
{
	struct ffa_regs regs = {{FFA_RXTX_MAP_64}};

	regs.x[1] = tx_page.physical;
	regs.x[2] = rx_page.physical;
	regs.x[3] = MAPPED_PAGES;
	mapped = hyp_firmware_insist(&regs) == FFA_OK;
	if (!mapped)
		free_pages();
	return mapped;
}

/* Pages that the SPMC does not give back are not ours to use for something else. */
static void unmap_pages(void)
{
	struct ffa_regs regs = {{FFA_RXTX_UNMAP_32}};
	enum ffa_status status;

	if (!mapped)
		return;
	mapped = false;
	status = hyp_firmware_insist(&regs);
	if (status == FFA_OK) {
		free_pages();
		return;
	}
	platform_log(PLATFORM_LOG_ERROR, "ff-a: firmware keeps the rx and tx pages",
	             (uint32_t)status);
	rx_page = (struct platform_page){0};
	tx_page = (struct platform_page){0};
}

/* Little-endian, at any alignment: the SPMC chooses the distance of the descriptors. */
static uint32_t read_bytes(const volatile uint8_t *from, size_t size)
{
	uint32_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint32_t)from[i] << (8 * i);
	return value;
}

/* An SP has an entry for each of its UUIDs; it is one SP all the same. */
static struct partition *find_or_add(struct ffa_id id)
{
	for (size_t i = 0; i < partition_count; i++) {
		if (ffa_id_equal(partitions[i].id, id))
			return &partitions[i];
	}
	if (partition_count == HYP_MAX_PARTITIONS)
		return NULL;
	partitions[partition_count] = (struct partition){.id = id};
	return &partitions[partition_count++];
}

static bool add_entry(struct ffa_id id, uint32_t properties)
{
	struct partition *partition;

	if (!ffa_id_is_secure(id)) {
		platform_log(PLATFORM_LOG_WARNING, "ff-a: ignored a partition without bit 15",
		             id.v);
		return true;
	}
	partition = find_or_add(id);
	if (!partition) {
		platform_log(PLATFORM_LOG_ERROR, "ff-a: too many partitions, at most",
		             HYP_MAX_PARTITIONS);
		return false;
	}
	partition->properties |= properties;
	return true;
}

static bool add_descriptor(const volatile uint8_t *descriptor)
{
	struct ffa_id id = ffa_make_id(read_bytes(descriptor + AT_ID, 2));

	return add_entry(id, read_bytes(descriptor + AT_PROPERTIES, 4));
}

static bool walk(uint32_t count, uint32_t stride)
{
	const volatile uint8_t *page = (const volatile uint8_t *)rx_page.address;

	if (stride < DESCRIPTOR_SIZE || (uint64_t)count * stride > PAGE_SIZE) {
		platform_log(PLATFORM_LOG_ERROR, "ff-a: partitions do not fit the page, their size",
		             stride);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (!add_descriptor(page + i * stride))
			return false;
	}
	return true;
}

static enum ffa_status give_rx_back(void)
{
	struct ffa_regs regs = {{FFA_RX_RELEASE_32}};

	return hyp_firmware_insist(&regs);
}

static enum ffa_status ask_for_list(struct ffa_regs *ret_answer)
{
	*ret_answer = (struct ffa_regs){{FFA_PARTITION_INFO_GET_32}};
	return hyp_firmware_insist(ret_answer);
}

/*
 * RX may be full from the start, since an SPMC may keep it as it was when somebody
 * before us gave up a pair (facts spmc-differences D1): nothing in it is for us.
 * Else RX is ours only once the SPMC has filled it, so only then is it given back.
 */
static bool read_partitions(void)
{
	struct ffa_regs answer;
	enum ffa_status status = ask_for_list(&answer);
	bool good;

	if (status == FFA_BUSY && give_rx_back() == FFA_OK)
		status = ask_for_list(&answer);
	if (status != FFA_OK)
		return false;
	good = walk((uint32_t)answer.x[2], (uint32_t)answer.x[3]);
	return give_rx_back() == FFA_OK && good;
}

/* Where the list goes on: the next entry, and the tag that tells one list from another. */
struct list_place {
	uint32_t next;
	uint32_t tag;
	bool at_end;
};

/* The entries of one answer, and where the next one begins. */
static bool add_answer(const struct ffa_regs *answer, struct list_place *place)
{
	uint32_t last = (uint16_t)answer->x[2];
	uint32_t current = (uint16_t)(answer->x[2] >> 16);
	uint32_t size = (uint16_t)(answer->x[2] >> 48);
	uint32_t words = size / WORD_SIZE;

	if (size < DESCRIPTOR_SIZE || size % WORD_SIZE != 0 || current < place->next ||
	    current > last || last >= MAX_ENTRIES ||
	    (current - place->next + 1) * words > LIST_REGS) {
		platform_log(PLATFORM_LOG_ERROR, "ff-a: partitions do not fit registers, index",
		             answer->x[2]);
		return false;
	}
	for (uint32_t i = 0; i <= current - place->next; i++) {
		uint64_t word = answer->x[FIRST_REG + i * words];

		if (!add_entry(ffa_make_id((uint16_t)word), (uint32_t)(word >> 32)))
			return false;
	}
	place->next = current + 1;
	place->tag = (uint16_t)(answer->x[2] >> 32);
	place->at_end = current == last;
	return true;
}

/* An SPMC without partitions finds no index right. */
static bool is_empty(enum ffa_status status, const struct list_place *place)
{
	return status == FFA_INVALID_PARAMETERS && place->next == 0;
}

/* Busy: the same is asked again. RETRY: the list is another one, which begins anew. */
static bool read_registers(void)
{
	struct list_place place = {0};
	unsigned int repeated = 0;

	while (!place.at_end) {
		struct ffa_regs regs = {{FFA_PARTITION_INFO_GET_REGS_64}};
		enum ffa_status status;

		regs.x[3] = place.tag << 16 | place.next;
		status = hyp_firmware_call(&regs);
		if (is_empty(status, &place))
			return true;
		if (status == FFA_OK) {
			if (!add_answer(&regs, &place))
				return false;
		} else if ((status != FFA_BUSY && status != FFA_RETRY) ||
		           ++repeated == HYP_BUSY_CALLS) {
			return false;
		} else if (status == FFA_RETRY) {
			partition_count = 0;
			place = (struct list_place){0};
		}
	}
	return true;
}

static bool has_pages(void)
{
	return hyp_firmware_has(FFA_RXTX_MAP_64) && hyp_firmware_has(FFA_PARTITION_INFO_GET_32) &&
	       hyp_firmware_has(FFA_RX_RELEASE_32);
}

/* A page is asked for first. An SPMC that can list nothing may have no partitions. */
static bool list(void)
{
	bool pages = has_pages();

	if (pages && !alloc_pages())
		return false;
	if (pages && map_pages())
		return read_partitions();
	if (hyp_firmware_has(FFA_PARTITION_INFO_GET_REGS_64))
		return read_registers();
	if (!pages)
		platform_log(PLATFORM_LOG_WARNING, "ff-a: firmware cannot list its partitions", 0);
	return !pages;
}

bool hyp_partitions_read(void)
{
	if (list())
		return true;
	hyp_partitions_forget();
	return false;
}

void hyp_partitions_forget(void)
{
	unmap_pages();
	partition_count = 0;
}
