#include "kernel_out.h"

#include <string.h>

#include "core/kernel_tensor.h"
#include "io/npy.h"
#include "io/text.h"

bool app_is_npy_name(const char *path)
{
    static const char ending[] = ".npy";
    size_t length = path != NULL ? strlen(path) : 0;
    return length > strlen(ending) && strcmp(path + length - strlen(ending), ending) == 0;
}

int app_kernel_bytes(const tconv_kernel *kernel, const char *title, bool npy, tconv_buffer *bytes)
{
    tconv_error error;
    if (!npy)
        return tconv_text_write(kernel, title, bytes, &error) == TCONV_OK ? APP_DONE : app_fail("the kernel", &error);
    tconv_tensor *tensor;
    tconv_status status = tconv_kernel_to_tensor(kernel, &tensor, &error);
    if (status == TCONV_OK)
        status = tconv_npy_write(tensor, bytes, &error);
    tconv_tensor_destroy(tensor);
    return status == TCONV_OK ? APP_DONE : app_fail("the kernel", &error);
}

int app_write_buffer(const char *path, char *const *inputs, const tconv_buffer *bytes)
{
    struct app_output output;
    if (bytes->status != TCONV_OK)
        return app_fail_status("the output", bytes->status);
    int code = app_output_open(&output, path, inputs);
    if (code != APP_DONE)
        return code;
    code = app_output_write(&output, bytes->text, bytes->length);
    return app_worse(code, app_output_close(&output, code == APP_DONE));
}
