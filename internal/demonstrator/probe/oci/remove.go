package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
)

// remove deletes a resource of the ledger: manifests or blobs by their digests, or
// what the tags of a repository lead to. A registry has no deletion of a repository:
// one that holds nothing is gone.
func remove(ctx context.Context, s *probe.Session, r probe.Resource) error {
	ctx, stop := context.WithTimeout(ctx, removeLimit)
	defer stop()
	g := registryOf(s)
	id, list, _ := strings.Cut(r.Name, "@")
	name := g.namespace + id
	switch r.Kind {
	case kindManifests, kindBlobs:
		for digest := range strings.SplitSeq(list, ",") {
			if err := g.erase(ctx, name, strings.TrimPrefix(r.Kind, "oci/")+"/"+digest); err != nil {
				return err
			}
		}
		return nil
	}
	return g.empty(ctx, name)
}

// removeLimit bounds one deletion: a few small requests.
const removeLimit = 10 * time.Second

// erase deletes one manifest or blob. A registry that deletes no blobs collects
// those that no manifest needs by itself.
func (g *Registry) erase(ctx context.Context, repository, path string) error {
	a, err := g.send(ctx, repository, Request{Method: http.MethodDelete, Path: path})
	switch {
	case err != nil:
		return fmt.Errorf("delete %s: %w", short(path), err)
	case a.Status < 300, a.Status == http.StatusNotFound:
		return nil
	case strings.HasPrefix(path, "blobs/") && !slices.Contains(g.session.Service.Features, blobDeletion):
		return nil
	}
	return fmt.Errorf("delete %s: %s", short(path), a.Got())
}

// empty deletes all that the tags of a repository lead to.
func (g *Registry) empty(ctx context.Context, repository string) error {
	tags, err := g.tagsOf(ctx, repository)
	if err != nil {
		return err
	}
	for _, tag := range tags {
		a, err := g.send(ctx, repository, Request{Method: http.MethodGet, Path: "manifests/" + tag, Header: accept("manifests/")})
		switch {
		case err != nil:
			return fmt.Errorf("read the tag %s: %w", short(tag), err)
		case a.Status == http.StatusNotFound: // the manifest of an earlier tag
			continue
		case a.Status != http.StatusOK:
			return fmt.Errorf("read the tag %s: %s", short(tag), a.Got())
		}
		if err := g.erase(ctx, repository, "manifests/"+content{body: a.Body}.digest()); err != nil {
			return err
		}
	}
	return nil
}

// most pages of a list that are read to clean up
const mostPages = 20

// tagsOf lists the tags of a repository; none if it doesn't exist.
func (g *Registry) tagsOf(ctx context.Context, repository string) ([]string, error) {
	var tags []string
	r := Request{Method: http.MethodGet, Path: "tags/list"}
	for range mostPages {
		a, err := g.send(ctx, repository, r)
		switch {
		case err != nil:
			return nil, fmt.Errorf("list tags: %w", err)
		case a.Status == http.StatusNotFound:
			return tags, nil
		case a.Status != http.StatusOK:
			return nil, fmt.Errorf("list tags: %s", a.Got())
		}
		var page struct{ Tags []string }
		if err := json.Unmarshal(a.Body, &page); err != nil {
			return nil, fmt.Errorf("list tags: %w", err)
		}
		tags = append(tags, page.Tags...)
		if r.At = nextPage(a); r.At == nil {
			break
		}
	}
	return tags, nil
}

// nextPage reads the Link header of a list, nil when there is none.
func nextPage(a Answer) *url.URL {
	for _, link := range a.Header.Values("Link") {
		address, rest, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(link), "<"), ">")
		if !ok || !strings.Contains(strings.ReplaceAll(rest, `"`, ""), "rel=next") {
			continue
		}
		if to, err := a.at.Parse(address); err == nil {
			return to
		}
	}
	return nil
}

// cancel gives an upload up that wasn't closed, by the address that it has now. Where
// that fails, it expires.
func (p *Repo) cancel(at *url.URL) func(context.Context) {
	return func(ctx context.Context) {
		if p.closed[at.Path] {
			return
		}
		a, err := p.reg.send(ctx, p.Name, Request{Method: http.MethodGet, At: at})
		if err != nil || a.Status != http.StatusNoContent {
			return
		}
		if now, err := a.at.Parse(a.Header.Get("Location")); err == nil && a.Header.Get("Location") != "" {
			at = now
		}
		_, _ = p.reg.send(ctx, p.Name, Request{Method: http.MethodDelete, At: at})
	}
}

// inventory lists the repositories that hold tags, where the registry has a
// catalogue. The specification has none, so its absence is no error.
func inventory(ctx context.Context, s *probe.Session) ([]string, error) {
	g := registryOf(s)
	r := Request{Method: http.MethodGet, Path: "/v2/_catalog", Query: url.Values{"n": {"1000"}}, Scope: "registry:catalog:*"}
	names := []string{}
	for range mostPages {
		a, err := g.allowed(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("list repositories: %w", err)
		}
		if a.Status != http.StatusOK {
			break
		}
		var page struct{ Repositories []string }
		if err := json.Unmarshal(a.Body, &page); err != nil {
			return nil, fmt.Errorf("list repositories: %w", err)
		}
		for _, name := range page.Repositories {
			id := strings.TrimPrefix(name, g.namespace)
			if strings.HasPrefix(id, s.Prefix()+"-") { // what was emptied may be listed still
				tags, err := g.tagsOf(ctx, name)
				if err != nil {
					return nil, err
				}
				if len(tags) == 0 {
					continue
				}
			}
			names = append(names, id)
		}
		r.Query = nil
		if r.At = nextPage(a); r.At == nil {
			break
		}
	}
	return names, nil
}

// allowed is send, where a token server that gives no token is as good as a registry
// that refuses.
func (g *Registry) allowed(ctx context.Context, r Request) (Answer, error) {
	a, err := g.send(ctx, "", r)
	if refused := new(tokenRefused); errors.As(err, &refused) {
		return Answer{Did: a.Did, Status: http.StatusForbidden}, nil
	}
	return a, err
}
