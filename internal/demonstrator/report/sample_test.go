package report_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

const (
	digest  = "sha256:4f1c09a7e2d36b58c0912fe4a7d3b6c58e01f9a2b4c7d6e5f8091a2b3c4d5e6f"
	hostile = "<script>alert(1)</script> ]]> & \x1b[31m\x00\u202e é 云"
)

var began = time.Date(2026, 8, 1, 9, 4, 5, 0, time.UTC)

// groups of checks, with the title that numbers them and the standard's section.
var sampleGroups = []struct {
	name   string
	fr, en string
	rule   string
	checks []string
}{
	{"bucket", "Conteneur", "Bucket", "S3 API Reference, CreateBucket", []string{"create", "delete", "head", "list", "location", "duplicate", "long-name", "empty", "tags", "missing"}},
	{"object", "Objet", "Object", "S3 API Reference, PutObject", []string{"put-get", "overwrite", "delete", "metadata", "unicode-key", "empty", "large", "head", "copy", "content-type", "cache-control", "etag", "missing", "many"}},
	{"range", "Plage", "Range", "RFC 9110 section 14.2", []string{"first", "middle", "open", "suffix", "clipped", "unsatisfiable", "whole", "multiple"}},
	{"version", "Version", "Version", "S3 User Guide, Versioning", []string{"enable", "put-twice", "get-old", "delete-marker", "restore", "list", "suspend", "purge", "copy-old", "head-old", "null", "pages", "prefix"}},
	{"lock", "Verrou", "Lock", "S3 User Guide, Object Lock", []string{"enable", "governance", "compliance", "legal-hold", "extend", "shorten", "default", "bypass", "delete", "overwrite", "expired", "read", "list", "copy", "version"}},
}

// sample is a run of the first n of four offers, in which every state, every
// cause, every verdict and a few hostile texts occur.
func sample(n int) report.View {
	cat := sampleCatalogue()
	r := &evidence.Record{
		Plan:        evidence.Plan{Run: "aloi-k3v7q2mzpa", Format: 1, Seed: 18446744073709551557, Started: began, Catalogue: digest, Parallel: 8},
		Environment: evidence.Environment{Version: "0.3.0", Binary: strings.Replace(digest, "4f", "9a", 1), OS: "linux", Arch: "amd64", CPUs: 16},
		Catalogue:   cat,
		End:         &evidence.End{At: began.Add(12*time.Minute + 34*time.Second), Complete: true},
	}
	for _, g := range sampleGroups {
		for i, c := range g.checks {
			r.Plan.Checks = append(r.Plan.Checks, evidence.CheckPlan{ID: "s3/" + g.name + "/" + c, Rule: g.rule, Class: "light",
				Title: lang.T(g.fr+" : propriété n° %d, « %s », telle que la norme la décrit", g.en+": property %d, %q, as the standard has it", i+1, c)})
		}
	}
	r.Plan.Checks[3].Title = lang.Same("Titre hostile " + hostile)
	for i, o := range sampleOffers()[:n] {
		r.Offers = append(r.Offers, o)
		r.Plan.Offers = append(r.Plan.Offers, evidence.OfferPlan{ID: o.ID, Digest: strings.Replace(digest, "4f", fmt.Sprintf("b%d", i), 1)})
		r.Results = append(r.Results, sampleResults(r.Plan.Checks, i)...)
		r.Inventories = append(r.Inventories, sampleInventories(o.ID, i)...)
	}
	return decided(r)
}

// found is the sample of four offers with what people found.
func found() report.View {
	r := sample(4).Record
	r.Findings = sampleFindings()
	r.Plan.Rerun = &evidence.Rerun{Of: digest, Run: "aloi-first", Answers: []string{digest}}
	v := decided(r)
	v.Answers, v.Exceptions = sampleAnswers(), sampleExceptions()
	return v
}

func sampleAnswers() []evidence.Answer {
	return []evidence.Answer{{
		Bundle: measure.Exhibit{Name: "aloi-first.aloi", Digest: digest}, Run: "aloi-first", Offer: "brume", Check: "s3/range/middle",
		Kind: evidence.Contest, Reason: "La plage était servie par le cache. " + hostile, On: "2026-08-02", By: measure.Person{Key: "brume+11223344", Holder: "Brume & Fils", Role: "applicant"},
	}}
}

// sampleExceptions are one in force, on checks and a target, and one that awaits
// its second signature.
func sampleExceptions() []evidence.Standing {
	x := evidence.Exception{Offer: "brume", Scope: []string{"s3/range/*", "ranges"}, Owner: "DSI " + hostile, Reason: "Correctif en cours.", On: "2026-08-02", Expires: "2026-12-31",
		By: []measure.Person{{Key: "a+11223344", Holder: "Camille Roux", Role: "expert"}, {Key: "b+11223344", Holder: "Direction", Role: "operator"}}}
	lone := x
	lone.Scope, lone.By = []string{"buckets"}, x.By[:1]
	return []evidence.Standing{x.Stand("2026-08-03"), lone.Stand("2026-08-03")}
}

// sampleFindings answer the manual target: approved for the first offer, not yet
// for the third.
func sampleFindings() []measure.Finding {
	people := []measure.Person{{Key: "nuit+0a1b2c3d", Holder: "Camille Roux", Role: "expert"}, {Key: "jour+4e5f6a7b", Holder: "Direction des achats " + hostile, Role: "operator"}}
	f := measure.Finding{
		Offer: "alpage", Target: "support", Question: lang.T("Qui répond la nuit ?", "Who answers at night?"), Approvers: 2, Answer: 8000,
		Note: "Appel à 3 h, réponse en 12 min. " + hostile, Observed: "2026-07-20", ValidUntil: "2027-07-20", By: people,
		Evidence: []measure.Exhibit{{Name: "journal d'appels.pdf", Digest: digest}, {Name: "contrat " + hostile, Digest: digest}},
	}
	waiting := f
	waiting.Offer, waiting.By = "cirrus", people[:1]
	return []measure.Finding{f, waiting}
}

// decided takes the verdicts on a record as of its own date.
func decided(r *evidence.Record) report.View {
	v := report.View{Record: r}
	for _, o := range r.Offers {
		v.Cards = append(v.Cards, score.Evaluate(r.Catalogue, o, score.Facts{Results: r.Results, Findings: r.Findings}, catalogue.DateOf(r.Plan.Started)))
	}
	v.Ranking = score.Rank(r.Catalogue, v.Cards)
	return v
}

func sampleOffers() []catalogue.Offer {
	all := []catalogue.NeedID{"store", "protect", "read", "operate"}
	service := map[string]catalogue.Service{"s3": {Endpoint: "https://s3.example.org", Features: []string{"versioning"},
		Credentials: map[string]catalogue.Credential{"main": {"secret": "env:NUAGE_SECRET"}}}}
	return []catalogue.Offer{
		{ID: "alpage", Name: "Nuage Alpage", Provider: catalogue.Provider{Name: "Alpage Numérique SAS", SIREN: "123456782"}, Region: "fr-est-1", Positions: all, Services: service},
		{ID: "brume", Name: "Brume Souveraine", Provider: catalogue.Provider{Name: "Brume & Fils"}, Region: "fr-ouest", Positions: all[:3], Services: service},
		{ID: "cirrus", Name: "Cirrus 雲", Provider: catalogue.Provider{Name: "Cirrus"}, Positions: all, Services: service},
		{ID: "dune", Name: "Dune, un nom d'offre particulièrement long", Provider: catalogue.Provider{Name: "Dune"}, Positions: []catalogue.NeedID{"store", "read"}, Services: service},
	}
}

// sampleResults gives an offer its lot: the first nearly all good, the second
// failing here and there, the third cut short, the fourth as good as the first.
func sampleResults(checks []evidence.CheckPlan, offer int) []measure.Result {
	id := string(sampleOffers()[offer].ID)
	var list []measure.Result
	for i, c := range checks {
		r := measure.Result{Offer: id, Check: c.ID, State: measure.Pass, Started: began.Add(time.Duration(i) * time.Second), Duration: time.Duration(40+37*i) * time.Millisecond}
		state, reason := fate(c, i, offer)
		if state == "" {
			continue // the run stopped before it
		}
		if state != measure.Pass {
			r.State, r.Reason = state, &reason
		}
		if state == measure.Fail || state == measure.Errored {
			r.Exchanges = sampleExchanges(c.ID, reason.Cause)
		}
		list = append(list, r)
	}
	return list
}

func fate(c evidence.CheckPlan, i, offer int) (measure.State, measure.Reason) {
	lock := strings.HasPrefix(c.ID, "s3/lock/")
	wrong := measure.Reason{Cause: measure.Assertion, Did: "GET with Range bytes=10-19", Got: "200 with 1024 bytes", Want: "206 with 10 bytes", Rule: c.Rule}
	switch {
	case offer == 0 && c.ID == "s3/range/multiple":
		return measure.Fail, wrong
	case offer == 0 && lock && i%3 == 0:
		return measure.Unsupported, measure.Reason{Cause: measure.Feature, Want: "object-lock"}
	case offer == 1 && slices.Contains([]string{"s3/object/unicode-key", "s3/range/middle", "s3/version/list"}, c.ID):
		return measure.Fail, wrong
	case offer == 1 && c.ID == "s3/object/metadata":
		return measure.Fail, measure.Reason{Cause: measure.Assertion, Did: "HEAD after PUT", Got: hostile, Want: "x-amz-meta-nom: é", Rule: c.Rule}
	case offer == 1 && c.ID == "s3/object/large":
		return measure.Fail, measure.Reason{Cause: measure.Timeout, Did: "PUT of 64 MiB", Got: "15s"}
	case offer == 1 && c.ID == "s3/bucket/location":
		return measure.Fail, measure.Reason{Cause: measure.Redirected, Did: "GET bucket", Got: "elsewhere.example.net"}
	case offer == 1 && lock && i < 50:
		return measure.Errored, measure.Reason{Cause: measure.Control, Did: "s3/lock", Got: "503 Service Unavailable"}
	case offer == 1 && c.ID == "s3/version/restore":
		return measure.NotRun, measure.Reason{Cause: measure.Prerequisite, Want: "s3/version/list"}
	case offer == 2 && i > 30 && i < 45:
		return measure.NotRun, measure.Reason{Cause: measure.Cap, Got: "bytes"}
	case offer == 2 && i >= 45:
		return "", measure.Reason{}
	}
	return measure.Pass, measure.Reason{}
}

func sampleExchanges(check string, cause measure.Cause) []measure.Exchange {
	head := []string{"Authorization: [main.secret]", "Host: s3.example.org", "Range: bytes=10-19", "X-Hostile: " + hostile}
	list := []measure.Exchange{
		{Method: "PUT", URL: "https://s3.example.org/aloi-k3v7q2mzpa-12", Status: 200, Duration: 21 * time.Millisecond,
			Request:  &measure.Message{Header: head[:2]},
			Response: &measure.Message{Header: []string{"Content-Length: 0", "Date: Sat, 01 Aug 2026 09:04:06 GMT"}}},
		{Method: "GET", URL: "https://s3.example.org/aloi-k3v7q2mzpa-12/" + strings.ReplaceAll(check, "/", "-"), Status: 200, Duration: 34 * time.Millisecond,
			Request:  &measure.Message{Header: head},
			Response: &measure.Message{Header: []string{"Content-Length: 1024", "Content-Type: application/xml"}, Body: "<Error>\r\n <Code>" + hostile + "</Code>\n</Error>", Bytes: 1024}},
	}
	if cause == measure.Timeout || cause == measure.Control {
		list[1].Status, list[1].Response, list[1].Error = 0, nil, "connection reset \x1b[2J"
	}
	return list
}

func sampleInventories(offer catalogue.OfferID, i int) []evidence.Inventory {
	before := evidence.Inventory{Offer: offer, Service: "s3", When: "before", At: began, Others: 3}
	after := evidence.Inventory{Offer: offer, Service: "s3", When: "after", At: began.Add(12 * time.Minute), Others: 3}
	switch i {
	case 1:
		after.Ours, after.Others = []string{"aloi-k3v7q2mzpa-7", "aloi-k3v7q2mzpa-9"}, 4
	case 2:
		after.Error = "503 " + hostile
	}
	return []evidence.Inventory{before, after}
}

func sampleCatalogue() *catalogue.Catalogue {
	proposal := catalogue.Source{Kind: catalogue.Proposal, Title: lang.T("Proposition de ce catalogue", "Proposal of this catalogue")}
	public := catalogue.Source{Kind: catalogue.Public, Title: lang.T("Référentiel public des besoins", "Public register of needs"), URL: "https://example.org/besoins"}
	need := func(id catalogue.NeedID, fr, en string, s catalogue.Source) catalogue.Need {
		return catalogue.Need{ID: id, Title: lang.T(fr, en), Priority: catalogue.Essential, Date: "2026-01-01", Source: s,
			Statement:   lang.T("Une application range ses fichiers et les relit à l'identique : c'est la base de tout le reste.", "An application keeps its files and reads them back unchanged: the base of all the rest."),
			ExpressedBy: lang.T("Une administration fictive", "A fictitious administration")}
	}
	return &catalogue.Catalogue{
		Needs: []catalogue.Need{
			need("operate", "Exploiter au quotidien", "Operate day by day", proposal),
			need("protect", "Protéger les données dans la durée", "Protect data over time", proposal),
			need("read", "Relire une partie seulement", "Read only a part", proposal),
			need("store", "Stocker et relire des objets", "Store objects and read them back", public),
		},
		Targets: sampleTargets(proposal, public),
	}
}

func sampleTargets(proposal, public catalogue.Source) []catalogue.Target {
	target := func(id catalogue.TargetID, need catalogue.NeedID, weight int, fr, en string, group string, from, to int) catalogue.Target {
		t := catalogue.Target{ID: id, Need: need, Role: catalogue.Gate, Title: lang.T(fr, en), Source: proposal,
			Why:    lang.T("Ce que l'on relit est ce que l'on a écrit ; sinon rien ne tient.", "What is read is what was written; else nothing holds."),
			States: []catalogue.Phase{{From: "2026-01-01", State: catalogue.Effective}}, Functional: &catalogue.Functional{MinCoverage: 9500}}
		if weight > 0 {
			t.Role, t.Weight, t.Functional.Floor, t.Functional.MinCoverage = catalogue.Scored, weight, new(measure.Share(5000)), 8000
		}
		for _, g := range sampleGroups {
			if g.name == group {
				for _, c := range g.checks[from:min(to, len(g.checks))] {
					t.Functional.Checks = append(t.Functional.Checks, "s3/"+group+"/"+c)
				}
			}
		}
		return t
	}
	list := []catalogue.Target{
		target("buckets", "store", 0, "Créer et gérer des conteneurs", "Create and manage buckets", "bucket", 0, 5),
		target("buckets-more", "store", 6, "Aller plus loin avec les conteneurs", "Go further with buckets", "bucket", 3, 10),
		target("objects", "store", 0, "Écrire, relire et supprimer des objets, y compris les gros et ceux dont le nom n'est pas en ASCII", "Write, read back and delete objects, including large ones and those whose name isn't ASCII", "object", 0, 8),
		target("objects-more", "store", 20, "Copier, décrire et retrouver des objets", "Copy, describe and find objects", "object", 6, 14),
		target("ranges", "read", 0, "Lire une plage d'octets", "Read a range of bytes", "range", 0, 5),
		target("ranges-more", "read", 14, "Lire plusieurs plages à la fois", "Read several ranges at once", "range", 3, 8),
		target("versions", "protect", 0, "Retrouver un objet effacé ou écrasé", "Recover a deleted or overwritten object", "version", 0, 6),
		target("versions-more", "protect", 10, "Gérer les versions", "Manage versions", "version", 4, 13),
		target("lock", "protect", 12, "Interdire la suppression avant terme", "Forbid deletion before term", "lock", 0, 15),
		target("clean", "operate", 0, "Vider et supprimer", "Empty and delete", "bucket", 5, 8),
	}
	list[0].Title = lang.T("Créer et gérer des conteneurs <b>&amp;</b>", "Create and manage buckets <b>&amp;</b>")
	list[2].Source = public
	manual := target("support", "operate", 3, "Assistance joignable à toute heure", "Support within reach at any hour", "", 0, 0)
	manual.Functional, manual.Manual = nil, &catalogue.Manual{Question: lang.T("Qui répond la nuit ?", "Who answers at night?"), Approvers: 2}
	speed := target("speed", "read", 9, "Répondre vite", "Answer fast", "", 0, 0)
	speed.Functional, speed.Quantitative = nil, &catalogue.Quantitative{Service: "s3", Operation: "get", Metric: "latency", Quantile: 9500,
		Load: catalogue.Arrival{Shape: "poisson", Rate: 50}, Want: new(measure.Duration(200 * time.Millisecond)), Floor: new(measure.Duration(time.Second))}
	return append(list, manual, speed)
}
