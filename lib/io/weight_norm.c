/* Weight normalisation: w = g v / |v| (Salimans and Kingma 2016), stored by PyTorch as the pair X_g, X_v or as
 * parametrizations.X.original0 (g), .original1 (v). The fused weight joins the catalogue under the name that the
 * network uses: X. */
#include <string.h>

#include "catalogue.h"

static bool ends_with(const char *name, const char *end, size_t *stem)
{
    size_t length = strlen(name), tail = strlen(end);
    *stem = length >= tail ? length - tail : 0;
    return length > tail && strcmp(name + *stem, end) == 0;
}

/* "a.parametrizations.weight.original1" -> "a.weight", g "..original0"; "a.weight_v" -> "a.weight", "a.weight_g". NULL,
 * with TCONV_OK, where the name is no direction. */
static char *fused_name(tconv_container *c, const char *v, char **g, tconv_status *status)
{
    static const char middle[] = "parametrizations.";
    size_t stem;
    *g = NULL;
    if (ends_with(v, "_v", &stem)) {
        *g = tconv_arena_format(&c->arena, status, "%.*s_g", (int)stem, v);
        return *g != NULL ? tconv_arena_text(&c->arena, v, stem, status) : NULL;
    }
    const char *at = strstr(v, middle);
    if (at == NULL || !ends_with(v, ".original1", &stem) || at + strlen(middle) >= v + stem)
        return NULL;
    *g = tconv_arena_format(&c->arena, status, "%.*s.original0", (int)stem, v);
    const char *tail = at + strlen(middle);
    return *g != NULL ? tconv_arena_format(&c->arena, status, "%.*s%.*s", (int)(at - v), v, (int)(v + stem - tail), tail) : NULL;
}

/* The axis of v that g runs along: g has v's extent there and 1 elsewhere, or is a vector of that extent for axis 0;
 * rank for a single length. False where g is no such thing. */
static bool length_axis(const tconv_tensor_info *v, const tconv_tensor_info *g, size_t *axis)
{
    *axis = v->rank;
    if (g->rank != v->rank) {
        bool vector = g->rank == 1 && v->rank >= 1 && g->shape[0] == v->shape[0];
        *axis = vector ? 0 : v->rank;
        return vector || tconv_info_count(g) == 1;
    }
    for (size_t i = 0; i < v->rank; i++) {
        if (g->shape[i] == 1)
            continue;
        if (g->shape[i] != v->shape[i] || *axis != v->rank)
            return false;
        *axis = i;
    }
    if (*axis == v->rank && v->rank > 0 && v->shape[0] == 1)
        *axis = 0;
    return true;
}

tconv_status tconv_fuse_weight_norm(tconv_container *container, tconv_error *error)
{
    size_t n = container->n_records;
    for (size_t i = 0; i < n; i++) {
        tconv_status status = TCONV_OK;
        char *g_name, *name = fused_name(container, container->records[i].info.name, &g_name, &status);
        if (status != TCONV_OK)
            return tconv_fail_plain(error, status);
        size_t g = name != NULL ? tconv_container_find(container, g_name) : TCONV_NO_INDEX;
        if (g == TCONV_NO_INDEX || tconv_container_find(container, name) != TCONV_NO_INDEX)
            continue;
        tconv_record record = { .kind = TCONV_RECORD_FUSED, .part = { i, g, TCONV_NO_INDEX }, .info = container->records[i].info };
        if (!length_axis(&record.info, &container->records[g].info, &record.axis))
            continue;
        record.info.name = name;
        record.info.derived = true;
        if (record.info.obstacle == NULL)
            record.info.obstacle = container->records[g].info.obstacle;
        status = tconv_catalogue_add(container, &record, NULL, error);
        if (status != TCONV_OK)
            return status;
    }
    return TCONV_OK;
}
