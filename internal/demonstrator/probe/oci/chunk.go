package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const chunks = "OCI Distribution Spec 1.1.1, Pushing a blob in chunks, end-5"

var chunkChecks = []probe.Check{
	{
		ID: "oci/chunk/several", Rule: chunks, Features: []string{chunked},
		Title: lang.T("Un blob s'envoie en plusieurs morceaux, dont le registre tient le compte", "A blob is pushed in several chunks, and the registry keeps count"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("chunks", 100_000)
			p.OwnBlobs(c.digest())
			at := p.Begin()
			for _, end := range []int{0, 30_000, 60_000} {
				at = p.chunk(at, c.body, end, min(end+30_000, 90_000)).WantRange(min(end+30_000, 90_000)).Location()
			}
			at = p.chunk(at, c.body, 90_000, 100_000).WantRange(100_000).Location()
			p.wantPushed(p.Close(at, c.digest(), nil), c)
		}),
	},
	{
		ID: "oci/chunk/last-in-put", Rule: chunks + ": the final chunk in the closing PUT", Features: []string{chunked},
		Title: lang.T("Le dernier morceau peut venir avec la clôture", "The last chunk may come with the close"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("last", 50_000)
			p.OwnBlobs(c.digest())
			at := p.chunk(p.Begin(), c.body, 0, 40_000).WantRange(40_000).Location()
			p.wantPushed(p.Close(at, c.digest(), c.body[40_000:], "Content-Range", "40000-49999"), c)
		}),
	},
	{
		ID: "oci/chunk/out-of-order", Rule: chunks + ": 416 out of order", Features: []string{chunked},
		Title: lang.T("Un morceau qui n'est pas le suivant est refusé, et l'envoi continue", "A chunk that isn't the next is refused, and the upload goes on"),
		Run:   in(outOfOrder),
	},
	{
		ID: "oci/chunk/status", Rule: "OCI Distribution Spec 1.1.1, Pushing a blob in chunks, end-13", Features: []string{chunked},
		Title: lang.T("Un envoi en cours dit ce qu'il a reçu", "An upload under way tells what it has received"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("status", 20_000)
			at := p.chunk(p.Begin(), c.body, 0, 20_000).Location()
			p.Do(Request{Method: http.MethodGet, At: at}).Want(http.StatusNoContent).WantRange(20_000).Location()
		}),
	},
	{
		ID: "oci/chunk/resume", Rule: "OCI Distribution Spec 1.1.1, Use Cases, Resumable Push, end-13", Features: []string{chunked},
		Title: lang.T("Un envoi coupé en route reprend là où le registre en est", "A push cut on the way resumes from where the registry is"),
		Run:   in(resumePush),
	},
	{
		ID: "oci/chunk/mismatch", Rule: digestRule, Features: []string{chunked},
		Title: lang.T("Des morceaux dont l'ensemble n'a pas l'empreinte annoncée sont refusés", "Chunks whose whole doesn't have the digest announced are refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			c, other := p.Blob("announced", 20_000), p.Blob("sent", 20_000)
			p.OwnBlobs(c.digest(), other.digest())
			at := p.chunk(p.Begin(), c.body, 0, 10_000).Location()
			at = p.chunk(at, other.body, 10_000, 20_000).Location()
			p.Close(at, c.digest(), nil).WantRefusal(http.StatusBadRequest, "DIGEST_INVALID", "BLOB_UPLOAD_INVALID")
			p.Head("blobs/" + c.digest()).WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/chunk/stream", Rule: "OCI Distribution Spec 1.1.1, end-5; Docker Registry HTTP API V2, chunked upload without ranges", Features: []string{streaming},
		Title: lang.T("Un flux dont la taille n'est pas dite s'envoie d'une traite", "A stream of unknown size is pushed in one go"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("stream", 150_000)
			p.OwnBlobs(c.digest())
			a := p.Do(Request{
				Method: http.MethodPatch, At: p.Begin(), Stream: bytes.NewReader(c.body), Header: []string{"Content-Type", "application/octet-stream"},
			})
			at := a.Want(http.StatusAccepted).WantRange(len(c.body)).Location()
			p.wantPushed(p.Close(at, c.digest(), nil), c)
		}),
	},
	{
		ID: "oci/chunk/cancel", Rule: "OCI Distribution Spec 1.1.1, Cancel a blob upload, end-14", Features: []string{uploadCancel},
		Title: lang.T("Un envoi annulé n'existe plus", "A cancelled upload is gone"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("cancelled", 1000)
			p.OwnBlobs(c.digest())
			at := p.Begin()
			p.Do(Request{Method: http.MethodDelete, At: at}).Want(http.StatusNoContent)
			p.Do(Request{Method: http.MethodGet, At: at}).WantRefusal(http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID")
			p.Close(at, c.digest(), c.body).WantRefusal(http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID")
			p.Head("blobs/" + c.digest()).WantRefusal(http.StatusNotFound)
		}),
	},
}

// send sends the bytes from first to end as one chunk.
func (p *Repo) send(at *url.URL, body []byte, first, end int) Answer {
	return p.Do(Request{
		Method: http.MethodPatch, At: at, Body: body[first:end],
		Header: []string{"Content-Type", "application/octet-stream", "Content-Range", fmt.Sprintf("%d-%d", first, end-1)},
	})
}

// chunk is send for a chunk that the registry must take.
func (p *Repo) chunk(at *url.URL, body []byte, first, end int) Answer {
	return p.send(at, body, first, end).Want(http.StatusAccepted)
}

// outOfOrder sends the third chunk in place of the second, asks where the upload
// is, and finishes it.
func outOfOrder(_ *probe.T, p *Repo) {
	c := p.Blob("order", 30_000)
	p.OwnBlobs(c.digest())
	at := p.chunk(p.Begin(), c.body, 0, 10_000).Location()
	p.send(at, c.body, 20_000, 30_000).WantRefusal(http.StatusRequestedRangeNotSatisfiable)
	at = p.Do(Request{Method: http.MethodGet, At: at}).Want(http.StatusNoContent).WantRange(10_000).Location()
	at = p.chunk(at, c.body, 10_000, 20_000).Location()
	at = p.chunk(at, c.body, 20_000, 30_000).WantRange(30_000).Location()
	p.wantPushed(p.Close(at, c.digest(), nil), c)
}

const (
	cutAt    = 200_000 // bytes of the second chunk that leave before the client hangs up
	tries    = 6       // to go on from where the registry says that it is: it may be reading still
	patience = 100 * time.Millisecond
)

// resumePush hangs up in the middle of the second chunk, then goes on from what the
// registry says it has. As long as it is busy with the first try, its count moves.
func resumePush(t *probe.T, p *Repo) {
	c := p.Blob("resumed", 600_000)
	p.OwnBlobs(c.digest())
	at := p.chunk(p.Begin(), c.body, 0, 100_000).Location()
	p.hangUp(at, c.body)
	for try := 1; ; try++ {
		a := p.settled(at)
		have := a.received()
		t.Want(have >= 100_000 && have <= 100_000+cutAt, a.Did+" after a cut", "Range "+a.Header.Get("Range"),
			fmt.Sprintf("the end of what was sent, between 0-99999 and 0-%d", 100_000+cutAt-1))
		next := p.send(a.Location(), c.body, have, len(c.body))
		if next.Status == http.StatusRequestedRangeNotSatisfiable && try < tries {
			p.pause(patience)
			continue
		}
		at = next.Want(http.StatusAccepted).WantRange(len(c.body)).Location()
		break
	}
	p.wantPushed(p.Close(at, c.digest(), nil), c)
}

// settled asks where an upload is until the registry says the same twice.
func (p *Repo) settled(at *url.URL) Answer {
	for last := -1; ; p.pause(patience) {
		a := p.Do(Request{Method: http.MethodGet, At: at}).Want(http.StatusNoContent)
		if a.received() == last {
			return a
		}
		last = a.received()
	}
}

// errHungUp is what a client has that hangs up on purpose.
var errHungUp = errors.New("the client hangs up")

// hangUp announces the second chunk, sends a part of it and closes the connection.
func (p *Repo) hangUp(at *url.URL, body []byte) {
	req, err := p.reg.build(p.t.Context(), p.Name, Request{
		Method: http.MethodPatch, Header: []string{"Content-Type", "application/octet-stream", "Content-Range", fmt.Sprintf("100000-%d", len(body)-1)},
	}, at)
	p.broken("PATCH the upload", err)
	req.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[100_000:100_000+cutAt]), failing{}))
	req.ContentLength = int64(len(body) - 100_000)
	res, err := p.reg.session.HTTP().Do(req)
	if err == nil { // answered before it was all there
		defer res.Body.Close()
		p.t.Fail("PATCH the upload, cut on the way", fmt.Sprint(res.StatusCode), "no answer before the whole chunk has come")
	}
	if p.t.Context().Err() != nil || !strings.Contains(err.Error(), errHungUp.Error()) {
		p.broken("PATCH the upload, cut on the way", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errHungUp }

// received reads how many bytes an upload has; none, if it doesn't say.
func (a Answer) received() int {
	var last int
	if _, err := fmt.Sscanf(strings.TrimPrefix(a.Header.Get("Range"), "bytes="), "0-%d", &last); err != nil {
		return 0
	}
	return last + 1
}

// pause waits, as long as the check may.
func (p *Repo) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-p.t.Context().Done():
		p.t.Do("waiting", context.Cause(p.t.Context()))
	}
}

// beginning reads the first bytes of something and hangs up.
func (g *Registry) beginning(ctx context.Context, repository, path string, n int) ([]byte, error) {
	r := Request{Method: http.MethodGet, Path: path}
	at := g.address(repository, r)
	for range mostRedirects {
		req, err := g.build(ctx, repository, r, at)
		if err != nil {
			return nil, err
		}
		res, err := g.session.HTTP().Do(req)
		if err != nil {
			return nil, err
		}
		if next := redirect(res, r); next != nil {
			res.Body.Close()
			at = next
			continue
		}
		part := make([]byte, n)
		_, err = io.ReadFull(res.Body, part)
		res.Body.Close()
		return part, err
	}
	return nil, errors.New("redirects without end")
}
