package oci

import (
	"net/http"
	"net/url"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const mounting = "OCI Distribution Spec 1.1.1, Mounting a blob from another repository, end-11"

var mountChecks = []probe.Check{
	{
		ID: "oci/mount/blob", Rule: mounting, Features: []string{mount},
		Title: lang.T("Un blob d'un autre dépôt s'y monte sans être renvoyé", "A blob of another repository is mounted without being pushed again"),
		Run: in(func(t *probe.T, p *Repo) {
			c := p.Push(p.Blob("mounted", 5000))
			to := p.reg.Repo(t)
			to.OwnBlobs(c.digest())
			to.wantPushed(to.mount(c.digest(), p), c)
		}),
	},
	{
		ID: "oci/mount/missing", Rule: mounting + ": 202 when unable to mount",
		Title: lang.T("Monter un blob absent ouvre un envoi qui aboutit", "Mounting a missing blob opens an upload that works"),
		Run: in(func(t *probe.T, p *Repo) {
			p.Push(p.Blob("another", 10))
			to := p.reg.Repo(t)
			c := to.Blob("pushed in the end", 2000)
			to.OwnBlobs(c.digest())
			to.wantPushed(to.Close(to.mount(c.digest(), p).Want(http.StatusAccepted).Location(), c.digest(), c.body), c)
		}),
	},
	{
		ID: "oci/mount/anonymous", Rule: mounting + ": the from parameter MAY be optional", Features: []string{anonymousMount},
		Title: lang.T("Un blob se monte sans que l'on dise d'où", "A blob is mounted without saying from where"),
		Run: in(func(t *probe.T, p *Repo) {
			c := p.Push(p.Blob("found", 5000))
			to := p.reg.Repo(t)
			to.OwnBlobs(c.digest())
			to.wantPushed(to.mount(c.digest(), nil), c)
		}),
	},
	{
		ID: "oci/mount/anonymous-missing", Rule: mounting + ": 202 when unable to mount",
		Title: lang.T("Monter de nulle part un blob absent ouvre un envoi", "Mounting a missing blob from nowhere opens an upload"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("nowhere", 100)
			p.OwnBlobs(c.digest())
			p.wantPushed(p.Close(p.mount(c.digest(), nil).Want(http.StatusAccepted).Location(), c.digest(), c.body), c)
		}),
	},
}

// mount asks for a blob of another repository, of any if it is nil.
func (p *Repo) mount(digest string, from *Repo) Answer {
	query, scope := url.Values{"mount": {digest}}, allOf(p.Name)
	if from != nil {
		query.Set("from", from.Name)
		scope += " repository:" + from.Name + ":pull"
	}
	a := p.Do(Request{Method: http.MethodPost, Path: "blobs/uploads/", Query: query, Scope: scope})
	if a.Status == http.StatusAccepted {
		p.t.Cleanup(p.cancel(a.Location()))
	}
	return a
}
