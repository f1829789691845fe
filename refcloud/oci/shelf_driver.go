package oci

import (
	"context"
	"io"
	"net/http"
	"strings"

	storage "github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
)

// distinct is the distribution project's memory driver with each name marked by the
// parity of its depth. Without that the driver loses a folder that holds one of its
// own name, as a tag called "index" does.
type distinct struct{ storage.StorageDriver }

func newDistinct() storage.StorageDriver { return distinct{inmemory.New()} }

// mark adds the mark to each name of a path.
func mark(path string) string {
	parts := strings.Split(path, "/")
	for i, name := range parts {
		if name != "" {
			parts[i] = string("ab"[i%2]) + name
		}
	}
	return strings.Join(parts, "/")
}

// plainPath takes the marks off.
func plainPath(path string) string {
	parts := strings.Split(path, "/")
	for i, name := range parts {
		if name != "" {
			parts[i] = name[1:]
		}
	}
	return strings.Join(parts, "/")
}

// GetContent reads a file.
func (d distinct) GetContent(ctx context.Context, path string) ([]byte, error) {
	return d.StorageDriver.GetContent(ctx, mark(path))
}

// PutContent writes a file.
func (d distinct) PutContent(ctx context.Context, path string, content []byte) error {
	return d.StorageDriver.PutContent(ctx, mark(path), content)
}

// Reader opens a file at an offset.
func (d distinct) Reader(ctx context.Context, path string, offset int64) (io.ReadCloser, error) {
	return d.StorageDriver.Reader(ctx, mark(path), offset)
}

// Writer opens a file to write.
func (d distinct) Writer(ctx context.Context, path string, more bool) (storage.FileWriter, error) {
	return d.StorageDriver.Writer(ctx, mark(path), more)
}

// named is what is known of a file, by its own path.
type named struct{ storage.FileInfo }

// Path is the path without marks.
func (n named) Path() string { return plainPath(n.FileInfo.Path()) }

// Stat tells what is known of a file or a folder.
func (d distinct) Stat(ctx context.Context, path string) (storage.FileInfo, error) {
	info, err := d.StorageDriver.Stat(ctx, mark(path))
	if err != nil {
		return nil, err
	}
	return named{info}, nil
}

// List lists a folder.
func (d distinct) List(ctx context.Context, path string) ([]string, error) {
	all, err := d.StorageDriver.List(ctx, mark(path))
	for i := range all {
		all[i] = plainPath(all[i])
	}
	return all, err
}

// Move renames a file.
func (d distinct) Move(ctx context.Context, from, to string) error {
	return d.StorageDriver.Move(ctx, mark(from), mark(to))
}

// Delete deletes a file, or a folder with all that it holds.
func (d distinct) Delete(ctx context.Context, path string) error {
	return d.StorageDriver.Delete(ctx, mark(path))
}

// RedirectURL leads nowhere: memory has no address of its own.
func (d distinct) RedirectURL(*http.Request, string) (string, error) { return "", nil }

// Walk visits a folder.
func (d distinct) Walk(ctx context.Context, path string, f storage.WalkFn, options ...func(*storage.WalkOptions)) error {
	return storage.WalkFallback(ctx, d, path, f, options...)
}
