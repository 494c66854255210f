#include "flat_repair.h"

#include <stdio.h>

#include "kernel_out.h"
#include "report/flat_repair_report.h"

static bool keep(void *state, const void *bytes, size_t size)
{
    tconv_buffer *buffer = state;
    tconv_buffer_bytes(buffer, bytes, size);
    return buffer->status == TCONV_OK;
}

/* The figures of the model as it will be written: the new file is read back from memory. */
static int compare(const struct app_flat_repair *request, tconv_container *model, tconv_flat_repair *repair, tconv_buffer *bytes)
{
    tconv_error error;
    tconv_source *source = NULL;
    tconv_container *repaired = NULL;
    tconv_status status = tconv_container_replace(model, repair->tensor, repair->values, repair->count, keep, bytes, &error);
    if (bytes->status != TCONV_OK)
        return app_fail_status(request->file, bytes->status);
    if (status != TCONV_OK)
        return app_fail(request->file, &error);
    status = tconv_source_open_memory(&source, bytes->text, bytes->length);
    if (status != TCONV_OK)
        return app_fail_status(request->file, status);
    status = tconv_container_open_source(&repaired, source, NULL, NULL, &error);
    if (status == TCONV_OK)
        status = tconv_flat_repair_compare(repair, model, repaired, &error);
    tconv_container_close(repaired);
    tconv_source_close(source);
    return status == TCONV_OK ? APP_DONE : app_fail(request->file, &error);
}

static int report(const struct app_flat_repair *request, const tconv_flat_repair *repair)
{
    const tconv_flat_repair_report about = { .file = request->file, .output = request->output, .repair = repair,
                                             .range = { request->range[0], request->range[1] } };
    tconv_buffer text = { 0 };
    int code = APP_DONE;
    if (request->json) {
        tconv_status status = tconv_flat_repair_json(&about, &text);
        code = status == TCONV_OK ? app_write_buffer(NULL, NULL, &text) : app_fail_status(request->file, status);
    } else {
        tconv_flat_repair_text(&text, &about);
        code = text.status == TCONV_OK ? APP_DONE : app_fail_status(request->file, text.status);
        if (code == APP_DONE && !request->quiet)
            (void)fwrite(text.text, 1, text.length, stderr);
        else if (code == APP_DONE && !repair->helps)
            (void)app_message(code, "%s: the correction does not help; no file is written", request->file);
    }
    tconv_buffer_free(&text);
    return code;
}

int app_flat_repair(const struct app_flat_repair *request, char *const *inputs)
{
    tconv_error error;
    tconv_container *model = NULL;
    tconv_flat_repair *repair = NULL;
    tconv_buffer bytes = { 0 };
    tconv_status status = tconv_container_open(&model, request->file, &(tconv_container_options){ .onnx_only = true }, &error);
    if (status == TCONV_OK)
        status = tconv_flat_repair_create(&repair, model, &request->options, &error);
    int code = status == TCONV_OK ? compare(request, model, repair, &bytes) : app_fail(request->file, &error);
    if (code == APP_DONE && repair->helps)
        code = app_write_buffer(request->output, inputs, &bytes);
    if (code == APP_DONE)
        code = report(request, repair);
    if (code == APP_DONE && !repair->helps)
        code = APP_THRESHOLD;
    tconv_buffer_free(&bytes);
    tconv_flat_repair_destroy(repair);
    tconv_container_close(model);
    return code;
}
