#include "testing_vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 65536

struct vectors *vectors_open(const char *file_name)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/tests/oracle/%s", test_root_folder(), file_name);
    struct vectors *file = calloc(1, sizeof *file);
    if (file != NULL)
        file->stream = fopen(path, "r");
    CHECK_MESSAGE(file != NULL && file->stream != NULL, "%s can be opened", path);
    if (file != NULL && file->stream == NULL) {
        free(file);
        file = NULL;
    }
    return file;
}

static size_t read_numbers(const char *text, double *numbers, size_t most)
{
    size_t count = 0;
    char *end;
    for (double number = strtod(text, &end); end != text && count < most; number = strtod(text, &end)) {
        numbers[count++] = number;
        text = end;
    }
    return count;
}

bool vectors_next(struct vectors *file, const char *name)
{
    static char line[LINE_SIZE];
    while (file != NULL && fgets(line, sizeof line, file->stream) != NULL) {
        if (line[0] == '#')
            continue;
        size_t length = strcspn(line, " \n");
        (void)snprintf(file->name, sizeof file->name, "%.*s", (int)length, line);
        file->n_parameters = read_numbers(line + length, file->parameter, MOST_PARAMETERS);
        if (fgets(line, sizeof line, file->stream) == NULL)
            break;
        file->n_values = read_numbers(line, file->value, MOST_VALUES);
        if (strcmp(file->name, name) == 0) {
            file->found++;
            return true;
        }
    }
    return false;
}

void vectors_close(struct vectors *file)
{
    if (file == NULL)
        return;
    CHECK_MESSAGE(file->found > 0, "the file of vectors has cases of the name that was asked for");
    (void)fclose(file->stream);
    free(file);
}
