// Counts allocations: the program's own malloc takes the place of glibc's for all of its libraries.
#define _GNU_SOURCE
#include "allocations.h"

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// glibc's own names for what is replaced here.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

// Of the executable itself: reaching it allocates nothing.
static _Thread_local uint64_t count;
static _Thread_local uint64_t own_count;

// Pieces of loaded code and whose they are, as far as they were met.
struct piece {
    uintptr_t begin, end;
    bool is_own;
};
static _Thread_local struct piece pieces[64];
static _Thread_local size_t piece_count;

// Stands for an address that is in no loaded object.
static const struct piece nobody = {0, 0, false};

static int search(struct dl_phdr_info *info, size_t size, void *found) {
    (void)size;
    struct piece *piece = found;
    uintptr_t address = piece->begin;
    for (int index = 0; index < info->dlpi_phnum; index++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[index];
        uintptr_t begin = info->dlpi_addr + header->p_vaddr;
        if (header->p_type != PT_LOAD || address < begin || address - begin >= header->p_memsz) continue;
        piece->begin = begin;
        piece->end = begin + header->p_memsz;
        // The executable has no name. Swift's runtime asks on behalf of Swift code.
        piece->is_own = info->dlpi_name[0] == 0 || strstr(info->dlpi_name, "libswift") != NULL;
        return 1;
    }
    return 0;
}

static const struct piece *piece_of(uintptr_t address) {
    for (size_t index = 0; index < piece_count; index++) {
        if (address >= pieces[index].begin && address < pieces[index].end) return &pieces[index];
    }
    if (piece_count == sizeof pieces / sizeof pieces[0]) return &nobody;
    struct piece *piece = &pieces[piece_count];
    piece->begin = address;
    if (dl_iterate_phdr(search, piece) == 0) return &nobody;
    piece_count++;
    return piece;
}

static void note(void *caller) {
    count++;
    if (piece_of((uintptr_t)caller)->is_own) own_count++;
}

#define NOTE() note(__builtin_return_address(0))

uint64_t vs_allocations(void) { return count; }

uint64_t vs_own_allocations(void) { return own_count; }

void *malloc(size_t size) {
    NOTE();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    NOTE();
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    NOTE();
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    NOTE();
    return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) {
    NOTE();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    NOTE();
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

void free(void *memory) { __libc_free(memory); }
