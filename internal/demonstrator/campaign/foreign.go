package campaign

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/foreign"
	"aloi.dev/internal/proof"
)

// Foreign is a suite that isn't ours: its command is run on each offer that has the
// service, or results that were made elsewhere are taken.
type Foreign struct {
	Mapping *foreign.Mapping
	Here    string                       // absolute folder of the mapping
	Imports map[catalogue.OfferID]Import // nil: run the command
}

// Import is a result that was made elsewhere.
type Import struct {
	File string // its name, for messages
	Data []byte
}

// selected reports whether the suite is to be run: it can't be run in part.
func (f Foreign) selected(only []string, class probe.Class) bool {
	if class == probe.Light {
		return false
	}
	return len(only) == 0 || slices.ContainsFunc(only, func(p string) bool {
		return strings.HasPrefix(p, string(f.Mapping.Suite)+"/") || slices.ContainsFunc(f.Mapping.Known(), func(c foreign.Check) bool {
			return probe.Check{ID: c.ID}.Selected([]string{p}, "")
		})
	})
}

// planForeign writes down the suites and the checks that they are known to have.
func (c *Campaign) planForeign(plan *evidence.Plan) error {
	for _, f := range c.Foreign {
		m := f.Mapping
		canonical, err := m.Canonical()
		if err != nil {
			return err
		}
		plan.Foreign = append(plan.Foreign, evidence.ForeignPlan{
			Suite: string(m.Suite), Title: m.Title, Version: m.Version, Source: m.Source, Service: m.Service,
			Mapping: proof.Digest(canonical), Imported: f.Imports != nil,
		})
		for _, check := range m.Known() {
			plan.Checks = append(plan.Checks, evidence.CheckPlan{ID: check.ID, Title: check.Title, Rule: check.Rule, Class: string(probe.Heavy)})
		}
	}
	return nil
}

// foreignJob is one suite on one offer.
type foreignJob struct {
	Foreign
	offer  catalogue.Offer
	job    foreign.Job
	absent bool // the offer has no such service
}

// foreignJobs resolves what the suites need, so that a wrong reference shows before
// anything is written.
func (c *Campaign) foreignJobs(run string) ([]foreignJob, error) {
	var jobs []foreignJob
	for _, f := range c.Foreign {
		for _, candidate := range c.Offers {
			service, ok := candidate.Offer.Services[f.Mapping.Service]
			j := foreignJob{Foreign: f, offer: candidate.Offer, absent: !ok}
			if ok {
				values, err := foreignValues(candidate, service)
				if err != nil {
					return nil, err
				}
				values.Run, values.Here = run, f.Here
				redact, err := foreignRedactor(candidate)
				if err != nil {
					return nil, err
				}
				j.job = foreign.Job{Mapping: f.Mapping, Offer: string(candidate.Offer.ID), Values: values, Getenv: c.Getenv, Now: c.Now,
					Most: time.Duration(candidate.Offer.Caps.Duration), Redact: redact}
			}
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

func foreignValues(candidate Candidate, service catalogue.Service) (foreign.Values, error) {
	v := foreign.Values{Endpoint: service.Endpoint, Settings: service.Settings}
	if u, err := url.Parse(service.Endpoint); err == nil {
		v.Host = u.Host
	}
	var err error
	if service.Trust != "" {
		if v.Trust, err = candidate.Secrets.Resolve(service.Trust); err != nil {
			return v, err
		}
	}
	v.Accounts, err = accounts(candidate, service)
	return v, err
}

func accounts(candidate Candidate, service catalogue.Service) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for account, fields := range service.Credentials {
		all[account] = map[string]string{}
		for field, ref := range fields {
			value, err := candidate.Secrets.Resolve(ref)
			if err != nil {
				return nil, err
			}
			all[account][field] = value
		}
	}
	return all, nil
}

// token is what follows the name of a scheme in an Authorization header: a suite may
// print one that it was given in exchange for a secret.
var token = regexp.MustCompile(`(?i)\b(bearer|basic) +[A-Za-z0-9._~+/=-]{8,}`)

// foreignRedactor takes out every secret of an offer, as it is written in a text, in
// XML, in JSON, and in the header of a login, and leaves the form of the rest.
func foreignRedactor(candidate Candidate) (func([]byte) []byte, error) {
	secrets := map[string]string{}
	for id, service := range candidate.Offer.Services {
		all, err := accounts(candidate, service)
		if err != nil {
			return nil, err
		}
		for account, fields := range all {
			for field, value := range fields {
				for kind, form := range forms(value) {
					secrets[field+" of "+account+" of "+id+kind] = form
				}
				for other, second := range fields {
					login := base64.StdEncoding.EncodeToString([]byte(value + ":" + second))
					secrets["login of "+account+" of "+id+" with "+field+" and "+other] = login
				}
			}
		}
	}
	known := probe.NewRedactor(secrets)
	return func(b []byte) []byte {
		return []byte(token.ReplaceAllString(known.Known(string(b)), "$1 [redacted]"))
	}, nil
}

// forms lists how a secret may be written, by what to add to its placeholder.
func forms(secret string) map[string]string {
	var inXML strings.Builder
	_ = xml.EscapeText(&inXML, []byte(secret))
	inJSON, _ := json.Marshal(secret)
	return map[string]string{
		"": secret, ", in XML": inXML.String(), ", in JSON": strings.Trim(string(inJSON), `"`),
		", in HTML": strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(secret),
		", quoted":  strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(secret),
	}
}

// runForeign runs the suites one after the other, each on every offer in turn.
func (c *Campaign) runForeign(ctx context.Context, folder *evidence.Folder, jobs []foreignJob) error {
	for _, f := range c.Foreign {
		canonical, err := f.Mapping.Canonical()
		if err == nil {
			err = folder.AddMapping(string(f.Mapping.Suite), canonical)
		}
		if err != nil {
			return err
		}
	}
	for _, j := range jobs {
		if err := c.foreignJob(ctx, folder, j); err != nil {
			return err
		}
	}
	return nil
}

func (c *Campaign) foreignJob(ctx context.Context, folder *evidence.Folder, j foreignJob) error {
	imported, ok := j.Imports[j.offer.ID]
	switch {
	case !j.selected(c.Only, c.Class), j.Imports != nil && !ok && !j.absent:
		return c.recordAll(folder, j, measure.NotRun, measure.Reason{Cause: measure.Filtered})
	case j.absent:
		return c.recordAll(folder, j, measure.Unsupported, measure.Reason{Cause: measure.Service, Want: j.Mapping.Service})
	case ctx.Err() != nil:
		return c.recordAll(folder, j, measure.NotRun, measure.Reason{Cause: measure.Interrupted})
	}
	c.Watch.Started(string(j.offer.ID), j.Mapping.Whole())
	var kept foreign.Kept
	if ok {
		kept = j.job.Import(imported.File, imported.Data)
	} else {
		var err error
		if kept, err = j.job.Run(ctx); err != nil {
			return err
		}
	}
	if err := folder.AddForeign(kept.Run, kept.Output, kept.Log); err != nil {
		return err
	}
	for _, r := range foreign.Replay(j.Mapping, kept.Output, kept.Run) {
		if err := c.record(folder, r); err != nil {
			return err
		}
	}
	return nil
}

// recordAll gives one state to all that the mapping knows.
func (c *Campaign) recordAll(folder *evidence.Folder, j foreignJob, state measure.State, why measure.Reason) error {
	for _, check := range j.Mapping.Known() {
		r := measure.Result{Offer: string(j.offer.ID), Check: check.ID, State: state, Started: c.Now().UTC(), Reason: &why}
		if err := c.record(folder, r); err != nil {
			return err
		}
	}
	return nil
}
