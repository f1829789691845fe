package oci

import (
	"net/http"
	"net/url"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const (
	postPut    = "OCI Distribution Spec 1.1.1, POST then PUT, end-4a and end-6"
	pushing    = "OCI Distribution Spec 1.1.1, Pushing blobs"
	digestRule = "OCI Distribution Spec 1.1.1, Error Codes, DIGEST_INVALID"
)

var pushChecks = []probe.Check{
	{
		ID: "oci/push/post-put", Rule: postPut,
		Title: lang.T("Un blob s'envoie en deux requêtes et se relit à l'adresse rendue", "A blob is pushed with two requests and read back at the address given"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("monolithic", 40_000)
			p.OwnBlobs(c.digest())
			p.wantPushed(p.Close(p.Begin(), c.digest(), c.body), c)
		}),
	},
	{
		ID: "oci/push/single-post", Rule: "OCI Distribution Spec 1.1.1, Single POST, end-4b", Features: []string{singlePost},
		Title: lang.T("Un blob s'envoie en une seule requête", "A blob is pushed with a single request"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("single", 3000)
			p.OwnBlobs(c.digest())
			p.wantPushed(p.post(c.digest(), c.body), c)
		}),
	},
	{
		ID: "oci/push/single-post-mismatch", Rule: "OCI Distribution Spec 1.1.1, Single POST: the digest MUST match", Features: []string{singlePost},
		Title: lang.T("Un envoi en une requête à la mauvaise empreinte est refusé", "A push with a single request under a wrong digest is refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Blob("announced", 300)
			p.OwnBlobs(c.digest())
			p.post(c.digest(), p.Blob("sent", 300).body).WantRefusal(http.StatusBadRequest, "DIGEST_INVALID")
			p.Head("blobs/" + c.digest()).WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/push/empty", Rule: postPut,
		Title: lang.T("Un blob de zéro octet se garde", "A blob of zero bytes is kept"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Push(content{kind: layerType})
			p.Get("blobs/" + c.digest()).WantContent(c)
			p.Head("blobs/" + c.digest()).Want(http.StatusOK).WantSize(c)
		}),
	},
	{
		ID: "oci/push/large", Rule: postPut,
		Title: lang.T("Un blob de quatre mébioctets se garde à l'identique", "A blob of four mebibytes is kept unchanged"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Push(p.Blob("large", 4<<20))
			p.Get("blobs/" + c.digest()).WantContent(c)
		}),
	},
	{
		ID: "oci/push/again", Rule: "OCI Distribution Spec 1.1.1, Use Cases, Layer Upload De-duplication",
		Title: lang.T("Renvoyer un blob déjà là réussit et n'y change rien", "Pushing a blob again succeeds and changes nothing"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Push(p.Blob("twice", 2000))
			p.upload(c)
			p.Get("blobs/" + c.digest()).WantContent(c)
		}),
	},
	{
		ID: "oci/push/digest-mismatch", Rule: digestRule,
		Title: lang.T("Un contenu qui n'a pas l'empreinte annoncée est refusé et n'est pas gardé", "Content without the digest announced is refused and not kept"),
		Run: in(func(_ *probe.T, p *Repo) {
			announced, sent := p.Blob("announced", 400), p.Blob("sent", 400)
			p.OwnBlobs(announced.digest(), sent.digest())
			p.Close(p.Begin(), announced.digest(), sent.body).WantRefusal(http.StatusBadRequest, "DIGEST_INVALID")
			p.Get("blobs/"+announced.digest()).WantRefusal(http.StatusNotFound, "BLOB_UNKNOWN", "NAME_UNKNOWN")
			p.Head("blobs/" + announced.digest()).WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/push/digest-malformed", Rule: pushing + ": an invalid digest or an unsupported algorithm",
		Title: lang.T("Une empreinte mal formée ou inconnue est refusée", "A malformed or unknown digest is refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			for _, digest := range []string{"sha256:0123", "crc32:deadbeef", "nonsense"} {
				p.Close(p.Begin(), digest, []byte("bytes")).WantRefusal(http.StatusBadRequest, "DIGEST_INVALID", "UNSUPPORTED")
			}
		}),
	},
	{
		ID: "oci/push/unknown-upload", Rule: "OCI Distribution Spec 1.1.1, Error Codes, BLOB_UPLOAD_UNKNOWN",
		Title: lang.T("Un envoi qui n'a jamais été ouvert répond 404", "An upload that was never opened answers 404"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Push(p.Blob("first", 50))
			at := p.reg.address(p.Name, Request{Path: "blobs/uploads/00000000-0000-4000-8000-000000000000"})
			p.Close(at, c.digest(), c.body).WantRefusal(http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID")
		}),
	},
}

// post sends a blob with one request.
func (p *Repo) post(digest string, body []byte) Answer {
	a := p.Do(Request{
		Method: http.MethodPost, Path: "blobs/uploads/", Query: url.Values{"digest": {digest}}, Body: body,
		Header: []string{"Content-Type", "application/octet-stream"},
	})
	if a.Status == http.StatusAccepted {
		p.t.Cleanup(p.cancel(a.Location()))
	}
	return a
}

// wantPushed ends the check unless an answer says that a blob was stored, and it is
// there: at the address given, and at its own.
func (p *Repo) wantPushed(a Answer, c content) {
	at := a.Want(http.StatusCreated).WantDigest(c).Location()
	p.Do(Request{Method: http.MethodGet, At: at}).WantContent(c)
	p.Head("blobs/" + c.digest()).Want(http.StatusOK).WantSize(c)
}
