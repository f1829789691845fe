package oci

import (
	"fmt"
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const (
	pullManifests = "OCI Distribution Spec 1.1.1, Pulling manifests, end-3"
	pullBlobs     = "OCI Distribution Spec 1.1.1, Pulling blobs, end-2"
	checking      = "OCI Distribution Spec 1.1.1, Checking if content exists in the registry"
)

var pullChecks = []probe.Check{
	{
		ID: "oci/pull/manifest-tag", Rule: pullManifests,
		Title: lang.T("Un manifeste se relit par son étiquette, à l'identique", "A manifest is read back by its tag, unchanged"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			p.Get("manifests/v1").WantContent(m).WantType(imageType)
		}),
	},
	{
		ID: "oci/pull/manifest-digest", Rule: pullManifests,
		Title: lang.T("Un manifeste se relit par son empreinte, à l'identique", "A manifest is read back by its digest, unchanged"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			p.Get("manifests/" + m.digest()).WantContent(m).WantType(imageType)
		}),
	},
	{
		ID: "oci/pull/head-tag", Rule: checking,
		Title: lang.T("HEAD d'une étiquette dit la taille et l'empreinte du manifeste", "HEAD of a tag tells the manifest's size and digest"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			p.Head("manifests/v1").Want(http.StatusOK).WantSize(m).WantDigest(m).WantType(imageType)
		}),
	},
	{
		ID: "oci/pull/head-digest", Rule: checking,
		Title: lang.T("HEAD d'une empreinte dit la taille du manifeste", "HEAD of a digest tells the manifest's size"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			p.Head("manifests/" + m.digest()).Want(http.StatusOK).WantSize(m).WantDigest(m).WantType(imageType)
		}),
	},
	{
		ID: "oci/pull/manifest-missing", Rule: pullManifests,
		Title: lang.T("Un manifeste absent répond 404, par étiquette et par empreinte", "A missing manifest answers 404, by tag and by digest"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Tag("v1")
			missing := p.Blob("missing", 10).digest()
			p.Get("manifests/v2").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN")
			p.Get("manifests/"+missing).WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN")
			p.Head("manifests/v2").WantRefusal(http.StatusNotFound)
			p.Head("manifests/" + missing).WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/pull/repository-missing", Rule: "OCI Distribution Spec 1.1.1, Pushing Manifests, nonexistent repository",
		Title: lang.T("Un dépôt où rien n'a été envoyé répond 404", "A repository to which nothing was pushed answers 404"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Get("manifests/latest").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN", "NAME_UNKNOWN")
			p.Get("blobs/"+p.Blob("missing", 10).digest()).WantRefusal(http.StatusNotFound, "BLOB_UNKNOWN", "NAME_UNKNOWN")
		}),
	},
	{
		ID: "oci/pull/blob", Rule: pullBlobs,
		Title: lang.T("Un blob se relit à l'identique, sous son empreinte", "A blob is read back unchanged, under its digest"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Push(p.Blob("whole", 70_000))
			p.Get("blobs/" + c.digest()).WantContent(c)
		}),
	},
	{
		ID: "oci/pull/blob-head", Rule: checking,
		Title: lang.T("HEAD d'un blob dit sa taille et son empreinte", "HEAD of a blob tells its size and digest"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Push(p.Blob("head", 5000))
			p.Head("blobs/" + c.digest()).Want(http.StatusOK).WantSize(c).WantDigest(c)
		}),
	},
	{
		ID: "oci/pull/blob-missing", Rule: pullBlobs,
		Title: lang.T("Un blob absent répond 404", "A missing blob answers 404"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Push(p.Blob("there", 100))
			missing := p.Blob("missing", 100).digest()
			p.Get("blobs/"+missing).WantRefusal(http.StatusNotFound, "BLOB_UNKNOWN")
			p.Head("blobs/" + missing).WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/pull/blob-other-repository", Rule: pullBlobs + ": not found in the repository",
		Title: lang.T("Le blob d'un dépôt ne se lit pas par un autre", "A repository's blob can't be read through another"),
		Run: in(func(t *probe.T, p *Repo) {
			c := p.Push(p.Blob("mine", 500))
			second := p.reg.Repo(t)
			second.Push(second.Blob("its own", 100))
			second.Get("blobs/"+c.digest()).WantRefusal(http.StatusNotFound, "BLOB_UNKNOWN")
			second.Head("blobs/" + c.digest()).WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/pull/blob-range", Rule: pullBlobs + "; RFC 9110 section 14", Features: []string{blobRange},
		Title: lang.T("Un morceau de blob se demande par sa plage d'octets", "A part of a blob can be asked by its range of bytes"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Push(p.Blob("ranges", 3000))
			for _, r := range []struct {
				header      string
				first, last int
			}{{"bytes=0-99", 0, 99}, {"bytes=1000-1999", 1000, 1999}, {"bytes=2900-", 2900, 2999}, {"bytes=-50", 2950, 2999}} {
				p.wantPart(c, r.header, r.first, r.last)
			}
		}),
	},
	{
		ID: "oci/pull/blob-resume", Rule: "OCI Distribution Spec 1.1.1, Use Cases, Resumable Pull", Features: []string{blobRange},
		Title: lang.T("Une lecture interrompue reprend où elle s'était arrêtée", "An interrupted pull resumes where it had stopped"),
		Run:   in(resumePull),
	},
}

// wantPart asks for a range of a blob, and wants its bytes and its place.
func (p *Repo) wantPart(c content, header string, first, last int) Answer {
	a := p.Get("blobs/"+c.digest(), "Range", header)
	a.Did += " with Range " + header
	return a.Want(http.StatusPartialContent).
		WantHeader("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(c.body))).
		WantBody(c.body[first : last+1])
}

// resumePull reads a third of a blob, hangs up, and asks for the rest.
func resumePull(t *probe.T, p *Repo) {
	c := p.Push(p.Blob("resumed", 1<<20))
	const did, third = "GET of a third of a blob", 350_000
	kept, err := p.reg.beginning(t.Context(), p.Name, "blobs/"+c.digest(), third)
	p.broken(did, err)
	rest := p.wantPart(c, fmt.Sprintf("bytes=%d-", third), third, len(c.body)-1)
	whole := content{body: append(kept, rest.Body...)}
	t.Want(whole.digest() == c.digest(), did+", then of the rest", "content of the digest "+short(whole.digest()), "the digest "+short(c.digest()))
}
