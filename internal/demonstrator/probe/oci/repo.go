package oci

import (
	"net/http"
	"net/url"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
)

// Repo is a repository of a check. The registry has no request that creates one:
// it exists from the first thing that is pushed to it.
type Repo struct {
	Name string // with the namespace

	reg *Registry
	t   *probe.T
	id  string // without it: what the ledger knows

	closed map[string]bool // the paths of uploads that need no cancelling any more
}

// The kinds of the ledger. What a tag leads to can be found again; the rest is
// written down by its digest.
const (
	kindRepository = "oci/repository"
	kindManifests  = "oci/manifests"
	kindBlobs      = "oci/blobs"
)

// Repo returns a new repository, empty and in the ledger.
func (g *Registry) Repo(t *probe.T) *Repo {
	p := &Repo{reg: g, t: t, id: t.Name(), closed: map[string]bool{}}
	p.Name = g.namespace + p.id
	t.Own(kindRepository, p.id, mainAccount, "delete the manifest of every tag of repository "+p.Name+"; its unfinished uploads expire")
	return p
}

// below returns another repository of the check, named below this one.
func (p *Repo) below(name string) *Repo {
	q := &Repo{reg: p.reg, t: p.t, id: p.id + "/" + name, Name: p.Name + "/" + name, closed: p.closed}
	p.t.Own(kindRepository, q.id, mainAccount, "delete the manifest of every tag of repository "+q.Name)
	return q
}

// OwnManifests writes manifests down before they are pushed.
func (p *Repo) OwnManifests(digests ...string) {
	list := strings.Join(digests, ",")
	p.t.Own(kindManifests, p.id+"@"+list, mainAccount, "delete from repository "+p.Name+" the manifests "+list)
}

// OwnBlobs writes blobs down before they are pushed.
func (p *Repo) OwnBlobs(digests ...string) {
	list := strings.Join(digests, ",")
	p.t.Own(kindBlobs, p.id+"@"+list, mainAccount, "delete from repository "+p.Name+" the blobs "+list)
}

// Get reads something of the repository, whatever the answer.
func (p *Repo) Get(path string, header ...string) Answer {
	return p.Do(Request{Method: http.MethodGet, Path: path, Header: append(accept(path), header...)})
}

// Head asks for the header of something of the repository.
func (p *Repo) Head(path string) Answer {
	return p.Do(Request{Method: http.MethodHead, Path: path, Header: accept(path)})
}

// Delete asks for something of the repository to be deleted.
func (p *Repo) Delete(path string) Answer {
	return p.Do(Request{Method: http.MethodDelete, Path: path})
}

// accept names the media types that a client of manifests knows.
func accept(path string) []string {
	if !strings.HasPrefix(path, "manifests/") {
		return nil
	}
	return []string{"Accept", imageType + ", " + indexType}
}

// Begin opens an upload, which is cancelled when the check ends, and returns its
// address.
func (p *Repo) Begin(query ...string) *url.URL {
	a := p.Do(Request{Method: http.MethodPost, Path: "blobs/uploads/", Query: pairs(query)})
	at := a.Want(http.StatusAccepted).Location()
	p.t.Cleanup(p.cancel(at))
	return at
}

// Close ends an upload with the digest of the whole, and the last bytes, if any.
func (p *Repo) Close(at *url.URL, digest string, last []byte, header ...string) Answer {
	a := p.Do(Request{
		Method: http.MethodPut, At: at, Query: url.Values{"digest": {digest}}, Body: last,
		Header: append([]string{"Content-Type", "application/octet-stream"}, header...),
	})
	p.closed[at.Path] = a.Status == http.StatusCreated
	return a
}

// Push stores a blob with two requests, as most clients do; a failure ends the check.
func (p *Repo) Push(c content) content {
	p.OwnBlobs(c.digest())
	p.upload(c)
	return c
}

func (p *Repo) upload(c content) {
	p.Close(p.Begin(), c.digest(), c.body).Want(http.StatusCreated)
}

// Put stores a manifest under a tag or its digest, whatever the answer.
func (p *Repo) Put(reference string, m content, query ...string) Answer {
	p.OwnManifests(m.digest())
	return p.put(reference, m, query...)
}

func (p *Repo) put(reference string, m content, query ...string) Answer {
	return p.Do(Request{
		Method: http.MethodPut, Path: "manifests/" + reference, Query: pairs(query), Body: m.body, Header: []string{"Content-Type", m.kind},
	})
}

// Tag stores a new image under a tag.
func (p *Repo) Tag(tag string, edits ...func(*image)) content {
	m := p.Image(tag, edits...)
	p.Put(tag, m).Want(http.StatusCreated)
	return m
}

func pairs(list []string) url.Values {
	values := url.Values{}
	for i := 0; i+1 < len(list); i += 2 {
		values.Add(list[i], list[i+1])
	}
	return values
}
