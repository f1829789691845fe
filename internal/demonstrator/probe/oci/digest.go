package oci

import (
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const sha512Rule = "OCI Image Spec 1.1, descriptor, registered algorithms, SHA-512"

// digestChecks: the algorithm that the image specification registers besides SHA-256.
var digestChecks = []probe.Check{
	{
		ID: "oci/sha512/blob", Rule: sha512Rule, Features: []string{sha512Digests},
		Title: lang.T("Un blob s'envoie et se relit sous son empreinte SHA-512", "A blob is pushed and read back under its SHA-512 digest"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("sha512", 3000)
			p.OwnBlobs(c.sha512(), c.digest())
			a := p.Close(p.Begin("digest-algorithm", "sha512"), c.sha512(), c.body)
			at := a.Want(http.StatusCreated).WantDigest(c).Location()
			p.Do(Request{Method: http.MethodGet, At: at}).WantContent(c)
			p.Get("blobs/" + c.sha512()).WantContent(c)
			p.Head("blobs/" + c.sha512()).Want(http.StatusOK).WantSize(c).WantDigest(c)
		}),
	},
	{
		ID: "oci/sha512/blob-mismatch", Rule: digestRule, Features: []string{sha512Digests},
		Title: lang.T("Un contenu qui n'a pas l'empreinte SHA-512 annoncée est refusé", "Content without the SHA-512 digest announced is refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			announced, sent := p.Blob("announced", 300), p.Blob("sent", 300)
			p.OwnBlobs(announced.sha512(), sent.digest())
			p.Close(p.Begin(), announced.sha512(), sent.body).WantRefusal(http.StatusBadRequest, "DIGEST_INVALID")
			p.Head("blobs/" + announced.sha512()).WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/sha512/manifest", Rule: sha512Rule, Features: []string{sha512Digests},
		Title: lang.T("Un manifeste s'envoie et se relit sous son empreinte SHA-512", "A manifest is pushed and read back under its SHA-512 digest"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Image("sha512")
			p.OwnManifests(m.sha512())
			at := p.put(m.sha512(), m).Want(http.StatusCreated).WantDigest(m).Location()
			p.Do(Request{Method: http.MethodGet, At: at, Header: accept("manifests/")}).WantContent(m)
			p.Get("manifests/" + m.sha512()).WantContent(m).WantType(imageType)
			p.Head("manifests/" + m.sha512()).Want(http.StatusOK).WantSize(m)
		}),
	},
	{
		ID: "oci/sha512/manifest-mismatch", Rule: digestRule, Features: []string{sha512Digests},
		Title: lang.T("Un manifeste sous l'empreinte SHA-512 d'un autre est refusé", "A manifest under another's SHA-512 digest is refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			sent, announced := p.Image("sent"), p.Blob("announced", 10).sha512()
			p.OwnManifests(sent.digest(), announced)
			p.put(announced, sent).WantRefusal(http.StatusBadRequest, "DIGEST_INVALID", "MANIFEST_INVALID")
			p.Get("manifests/"+announced).WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN", "NAME_UNKNOWN")
		}),
	},
}
