package oci

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Inventory lists what exists, from the files and past every planted fault:
//
//	tag/REPOSITORY:TAG
//	manifest/REPOSITORY@DIGEST
//	blob/REPOSITORY@DIGEST
//	upload/REPOSITORY#UPLOAD      uploads that are neither completed nor cancelled
//
// A repository that holds nothing doesn't exist, whatever folders are left of it.
func (s *Server) Inventory(ctx context.Context) ([]string, error) {
	var out []string
	err := s.shelf.walk(ctx, repositoriesPath, func(rel string) {
		if name := itemName(rel); name != "" {
			out = append(out, name)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("walk the registry's files: %w", err)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// itemName reads the registry's own layout of files.
func itemName(path string) string {
	for _, kind := range []struct{ mark, end, form string }{
		{"/_manifests/tags/", "/current/link", "tag/%s:%s"},
		{"/_manifests/revisions/", "/link", "manifest/%s@%s"},
		{"/_layers/", "/link", "blob/%s@%s"},
		{"/_uploads/", "/startedat", "upload/%s#%s"},
	} {
		repository, rest, ok := strings.Cut(path, kind.mark)
		name, ends := strings.CutSuffix(rest, kind.end)
		if ok && ends {
			return fmt.Sprintf(kind.form, repository, strings.Replace(name, "/", ":", 1))
		}
	}
	return ""
}
