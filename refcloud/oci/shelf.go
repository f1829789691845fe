package oci

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	storage "github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/distribution/distribution/v3/registry/storage/driver/factory"
)

// Where the registry keeps its things, in its own layout.
const (
	repositoriesPath = "/docker/registry/v2/repositories"
	blobsPath        = "/docker/registry/v2/blobs"
)

// shelfDriver is the name under which a registry is given the memory that it keeps
// its things in: the distribution project's own, which nobody else could look into.
const shelfDriver = "refcloud"

type shelves struct{}

// Create returns the driver that the configuration holds.
func (shelves) Create(_ context.Context, parameters map[string]any) (storage.StorageDriver, error) {
	if d, ok := parameters["shelf"].(storage.StorageDriver); ok {
		return d, nil
	}
	return nil, errors.New("the configuration holds no shelf")
}

func init() { factory.Register(shelfDriver, shelves{}) }

// shelf is the memory of one registry.
type shelf struct{ driver storage.StorageDriver }

func newShelf() shelf { return shelf{newDistinct()} }

// walk calls f with the path of each file below a folder, relative to it. Others may
// store and delete meanwhile: what is gone when it is looked at isn't there.
func (s shelf) walk(ctx context.Context, from string, f func(rel string)) error {
	return s.visit(ctx, from, func(path string) { f(strings.TrimPrefix(path, from+"/")) })
}

func (s shelf) visit(ctx context.Context, folder string, f func(path string)) error {
	children, err := s.driver.List(ctx, folder)
	if gone(err) {
		return nil
	}
	for _, child := range children {
		info, err := s.driver.Stat(ctx, child)
		switch {
		case gone(err):
		case err != nil:
			return err
		case info.IsDir():
			if err := s.visit(ctx, child, f); err != nil {
				return err
			}
		default:
			f(child)
		}
	}
	return err
}

func gone(err error) bool { return errors.As(err, &storage.PathNotFoundError{}) }

// prune drops the content that no repository links to any more, and the folders of
// repositories that hold nothing: a cloud that serves a thousand runs keeps its size.
func (s shelf) prune(ctx context.Context) error {
	linked, held := map[string]bool{}, []string{}
	if err := s.walk(ctx, repositoriesPath, func(rel string) {
		if itemName(rel) == "" {
			return
		}
		held = append(held, rel)
		if content, err := s.driver.GetContent(ctx, repositoriesPath+"/"+rel); err == nil && strings.HasSuffix(rel, "/link") {
			linked[string(content)] = true
		}
	}); err != nil {
		return err
	}
	var loose []string
	if err := s.walk(ctx, blobsPath, func(rel string) { // sha256/ab/abcd.../data
		parts := strings.Split(rel, "/")
		if len(parts) == 4 && !linked[parts[0]+":"+parts[2]] {
			loose = append(loose, path.Dir(blobsPath+"/"+rel))
		}
	}); err != nil {
		return err
	}
	return errors.Join(s.drop(ctx, loose), s.dropEmpty(ctx, held))
}

func (s shelf) drop(ctx context.Context, paths []string) error {
	for _, p := range paths {
		if err := s.driver.Delete(ctx, p); err != nil && !gone(err) {
			return err
		}
	}
	return nil
}

// dropEmpty drops the customer's repositories of which no held file is.
func (s shelf) dropEmpty(ctx context.Context, held []string) error {
	all, err := s.driver.List(ctx, repositoriesPath+"/"+ours)
	if err != nil { // none yet
		return nil
	}
	return s.drop(ctx, slices.DeleteFunc(all, func(p string) bool {
		prefix := strings.TrimPrefix(p, repositoriesPath+"/") + "/"
		return slices.ContainsFunc(held, func(rel string) bool { return strings.HasPrefix(rel, prefix) })
	}))
}

// repositoryWith returns a repository below a namespace that has a blob, "" if none
// has it.
func (s shelf) repositoryWith(ctx context.Context, namespace, digest string) string {
	found := ""
	_ = s.walk(ctx, repositoriesPath+"/"+namespace, func(rel string) {
		if name := itemName(namespace + "/" + rel); strings.HasPrefix(name, "blob/") && strings.HasSuffix(name, "@"+digest) {
			found = strings.TrimSuffix(strings.TrimPrefix(name, "blob/"), "@"+digest)
		}
	})
	return found
}
