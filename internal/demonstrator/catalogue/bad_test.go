package catalogue_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/fault"
)

// badCatalogue says what is refused in each file of testdata/bad that is added to the
// catalogue of testdata/good.
var badCatalogue = map[string]string{
	"need-bad-id":    `needs/bad.yaml:2:9: "bad need" is not an id: lower-case words joined by hyphens, at most 60 characters (for example object-storage, s3-buckets)`,
	"need-date-form": `needs/bad.yaml:7:11: "29/02/2024" is not a date YYYY-MM-DD (for example 2026-01-31)`,
	"need-date": `needs/bad.yaml:2:9: no target measures the need "bad" (add a target or remove the need)` + "\n" +
		`needs/bad.yaml:7:11: "2023-02-29" is not in the calendar`,
	"need-duplicate":      `needs/base.yaml:2:9: "storage" is already defined at needs/bad.yaml:2 (choose another id)`,
	"need-no-translation": `needs/bad.yaml:3:31: "en" is empty`,
	"need-priority":       `needs/bad.yaml:6:15: "vital" is not a value of "priority" (one of: essential, important, useful)`,
	"need-source-no-url": `needs/bad.yaml:2:9: no target measures the need "bad" (add a target or remove the need)` + "\n" +
		`needs/bad.yaml:9:7: a public source gives its address (add url, or kind: proposal when the text is this catalogue's own)`,
	"need-without-target":        `needs/bad.yaml:2:9: no target measures the need "bad" (add a target or remove the need)`,
	"target-approvers":           `targets/bad.yaml:14:18: a finding needs at least 2 approvers`,
	"target-bad-id":              `targets/bad.yaml:2:9: "Bad_Id" is not an id: lower-case words joined by hyphens, at most 60 characters (for example object-storage, s3-buckets)`,
	"target-bad-unit":            `targets/bad.yaml:12:15: "90 days" is not a duration above zero (for example 20 ms, 1.5 s, 10 min, 24 h, 90 d)`,
	"target-block":               `targets/bad.yaml:19:14: a block lasts at least 10 ms`,
	"target-budget-min-duration": `targets/bad.yaml:21:26: p95 at 95 % confidence needs 59 blocks of 5 s and at least 11 min, that is 11 min: a budget of 10 min can decide nothing (11 min at least)`,
	"target-budget-p95":          `targets/bad.yaml:21:26: p95 at 95 % confidence needs 59 blocks of 5 s and at least 4 min, that is 295 s: a budget of 294 s can decide nothing (295 s at least, or shorter blocks)`,
	"target-budget-p99":          `targets/bad.yaml:21:26: p99 at 95 % confidence needs 299 blocks of 5 s and at least 4 min, that is 1495 s: a budget of 10 min can decide nothing (1495 s at least, or shorter blocks)`,
	"target-budget-requests":     `targets/bad.yaml:21:44: 59 blocks of 5 s at 20/s make 5900 requests: a budget of 5899 can decide nothing (5900 at least)`,
	"target-check-twice":         `targets/bad.yaml:14:34: "s3/bucket/create" is already in the list (remove it)`,
	"target-confidence":          `targets/bad.yaml:22:19: a confidence is at least 50 % and below 100 %`,
	"target-duplicate":           `targets/base.yaml:2:9: "buckets" is already defined at targets/bad.yaml:2 (choose another id)`,
	"target-empty-french":        `targets/bad.yaml:5:17: "fr" is empty`,
	"target-floor-above-want":    `targets/bad.yaml:16:14: floor (50 %) must be below want (50 %)`,
	"target-gate-floor":          `targets/bad.yaml:15:7: floor doesn't go with role: gate (remove the line)`,
	"target-gate-no-bound":       `targets/bad.yaml:11:7: role: gate needs bound`,
	"target-gate-share-zero":     `targets/bad.yaml:15:14: a share of 0 % is always met`,
	"target-gate-want":           `targets/bad.yaml:17:7: want doesn't go with role: gate (remove the line)`,
	"target-gate-weight":         `targets/bad.yaml:5:13: a gate has no weight (remove weight, or role: score)`,
	"target-long-id":             `targets/bad.yaml:2:9: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…" is not an id: lower-case words joined by hyphens, at most 60 characters (for example object-storage, s3-buckets)`,
	"target-manual-gate":         `targets/bad.yaml:10:5: a gate is measured automatically (role: score for what people appreciate)`,
	"target-metric":              `targets/bad.yaml:14:15: unknown metric "latencies" (did you mean "latency"?)`,
	"target-min-coverage":        `targets/bad.yaml:15:21: less than half of the checks (49.99 %) can't found a verdict (50 % at least)`,
	"target-no-english":          `targets/bad.yaml:5:12: the field "en" is missing`,
	"target-no-kind":             `targets/bad.yaml:2:9: a target is measured in exactly one way, and this one has 0 (keep one of functional, quantitative, manual)`,
	"target-no-source":           `targets/bad.yaml:2:5: the field "source" is missing`,
	"target-no-state":            `targets/bad.yaml:8:13: "states" is empty`,
	"target-operation":           `targets/bad.yaml:13:18: "operation" is empty`,
	"target-quantile":            `targets/bad.yaml:15:17: "95" is not a quantile between p0 and p100 (for example p50, p95, p99.9)`,
	"target-score-bound": `targets/bad.yaml:12:7: role: score needs floor` + "\n" +
		`targets/bad.yaml:17:7: bound doesn't go with role: score (remove the line)`,
	"target-score-heavy":     `targets/bad.yaml:5:13: a scored target has a weight between 1 and 100`,
	"target-score-no-weight": `targets/bad.yaml:2:5: a scored target has a weight between 1 and 100`,
	"target-score-share": `targets/bad.yaml:15:7: role: score needs floor` + "\n" +
		`targets/bad.yaml:16:7: share doesn't go with role: score (remove the line)`,
	"target-service":          `targets/bad.yaml:12:16: unknown service "s4" (did you mean "s3"?)`,
	"target-shape":            `targets/bad.yaml:16:21: unknown load shape "poison" (did you mean "poisson"?)`,
	"target-source-bad-url":   `targets/bad.yaml:7:19: "example.org" is not a web address (for example https://example.org/text)`,
	"target-source-kind":      `targets/bad.yaml:7:20: "propsal" is not a value of "kind" (did you mean "proposal"?)`,
	"target-source-no-title":  `targets/bad.yaml:7:13: the field "title" is missing`,
	"target-source-no-url":    `targets/bad.yaml:7:13: a public source gives its address (add url, or kind: proposal when the text is this catalogue's own)`,
	"target-states-after-end": `targets/bad.yaml:11:35: draft can't follow effective (the order is draft, effective, deprecated)`,
	"target-states-begin":     `targets/bad.yaml:9:35: a target begins with draft or effective`,
	"target-states-date":      `targets/bad.yaml:10:16: "2026-02-30" is not in the calendar`,
	"target-states-order":     `targets/bad.yaml:10:16: 2025-12-31 doesn't come after 2026-01-01 (write the states in order of date)`,
	"target-two-kinds": `targets/bad.yaml:2:9: a target is measured in exactly one way, and this one has 2 (keep one of functional, quantitative, manual)` + "\n" +
		`targets/bad.yaml:16:5: a gate is measured automatically (role: score for what people appreciate)`,
	"target-unknown-check":    `targets/bad.yaml:14:16: unknown check "s3/bucket/craete" (did you mean "s3/bucket/create"?)`,
	"target-unknown-field":    `targets/bad.yaml:12:5: unknown field "valdity" (did you mean "validity"?)`,
	"target-unknown-need":     `targets/bad.yaml:3:11: unknown need "storge" (did you mean "storage"?)`,
	"target-unknown-role":     `targets/bad.yaml:4:11: "gat" is not a value of "role" (did you mean "gate"?)`,
	"target-want-above-floor": `targets/bad.yaml:18:13: want (400 ms) must be shorter than floor (400 ms)`,
}

// badOffer is the same for offers.
var badOffer = map[string]string{
	"offer-cap-missing":                `offer.yaml:14:7: the field "bytes" is missing`,
	"offer-cap-zero":                   `offer.yaml:14:14: "0/s" is not a rate above zero (for example 200/s, 30/min)`,
	"offer-climbing-file":              `offer.yaml:9:12: a path doesn't climb above the offer's folder (no "..", or an absolute path)`,
	"offer-connections":                `offer.yaml:14:47: between 1 and 10000 connections`,
	"offer-endpoint-false-loopback":    `offer.yaml:8:15: plain http is allowed to this machine only (write https://)`,
	"offer-endpoint-http":              `offer.yaml:8:15: plain http is allowed to this machine only (write https://)`,
	"offer-endpoint-not-url":           `offer.yaml:8:15: this is not an https address (for example https://s3.example.org)`,
	"offer-endpoint-path":              `offer.yaml:8:15: an address ends with the host and the port (for example https://s3.example.org)`,
	"offer-endpoint-query":             `offer.yaml:8:15: an address ends with the host and the port (for example https://s3.example.org)`,
	"offer-endpoint-userinfo":          `offer.yaml:8:15: an address holds no account and no password (refer to them under credentials)`,
	"offer-feature-twice":              `offer.yaml:11:28: "versioning" is already in the list (remove it)`,
	"offer-host":                       `offer.yaml:9:13: "https://auth.example.org" is not a host, with or without a port (for example auth.example.org, auth.example.org:8443)`,
	"offer-host-port":                  `offer.yaml:9:13: "auth.example.org:0" is not a host (for example auth.example.org:443)`,
	"offer-host-twice":                 `offer.yaml:9:31: "AUTH.example.org:443" is already in the list (remove it)`,
	"offer-id":                         `offer.yaml:1:5: "Nuage Un" is not an id: lower-case words joined by hyphens, at most 60 characters (for example object-storage, s3-buckets)`,
	"offer-literal-secret":             `offer.yaml:13:26: this value is not a reference: a secret is never written in this file (for example env:MY_CLOUD_KEY, file:secrets/key)`,
	"offer-literal-trust":              `offer.yaml:9:12: this value is not a reference: a secret is never written in this file (for example env:MY_CLOUD_KEY, file:secrets/key)`,
	"offer-missing-account":            `offer.yaml:13:7: the account "main" is missing, without which nothing can be measured (with the fields: access-key, secret-key)`,
	"offer-no-caps":                    `offer.yaml:1:1: the field "caps" is missing`,
	"offer-no-position":                `offer.yaml:5:12: "positions" is empty`,
	"offer-position-twice":             `offer.yaml:5:22: "storage" is already in the list (remove it)`,
	"offer-secret-in-place-of-account": `offer.yaml:13:13: "main" wants a block of fields and has a text`,
	"offer-siren-short":                `offer.yaml:3:36: "7328293" is not a SIREN number (9 digits, no space; remove the line outside France)`,
	"offer-siren-zero":                 `offer.yaml:3:36: "000000000" is not a SIREN number (9 digits, no space; remove the line outside France)`,
	"offer-siren":                      `offer.yaml:3:36: "732829321" is not a SIREN number (9 digits, no space; remove the line outside France)`,
	"offer-unknown-account": `offer.yaml:13:7: the account "main" is missing, without which nothing can be measured (with the fields: access-key, secret-key)` + "\n" +
		`offer.yaml:13:7: unknown account "mian" (did you mean "main"?)`,
	"offer-unknown-credential-field": `offer.yaml:13:13: the field "access-key" of the account "main" is missing` + "\n" +
		`offer.yaml:13:14: unknown field "acess-key" (did you mean "access-key"?)`,
	"offer-unknown-feature": `offer.yaml:11:16: unknown feature "versionning" (did you mean "versioning"?)`,
	"offer-unknown-field": `offer.yaml:1:1: the field "region" is missing` + "\n" +
		`offer.yaml:4:1: unknown field "regions" (did you mean "region"?)`,
	"offer-unknown-position": `offer.yaml:5:13: unknown need "storge" (did you mean "storage"?)`,
	"offer-unknown-setting":  `offer.yaml:10:16: unknown setting "regoin" (did you mean "region"?)`,
	"offer-unknown-suite":    `offer.yaml:7:3: unknown service "s4" (did you mean "s3"?)`,
}

func TestLoadDir_Bad(t *testing.T) {
	t.Parallel()
	for name, want := range badCatalogue {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, _, _ := strings.Cut(name, "-")
			_, err := catalogue.Load(good(t, map[string]string{kind + "s/bad.yaml": bad(t, name)}), words)
			refused(t, err, want)
		})
	}
}

func TestLoadOffer_Bad(t *testing.T) {
	t.Parallel()
	for name, want := range badOffer {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := catalogue.LoadOffer(good(t, map[string]string{"offer.yaml": bad(t, name)}), "offer.yaml", words, []catalogue.NeedID{"storage", "archive"})
			refused(t, err, want)
			if strings.Contains(fault.Say(err, "fr")+fault.Say(err, "en"), "hunter2") {
				t.Error("a secret is repeated")
			}
		})
	}
}

// TestBad_Complete refuses a bad file that no table speaks of.
func TestBad_Complete(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) != len(badCatalogue)+len(badOffer) {
		t.Errorf("%d files for %d expectations (%v)", len(files), len(badCatalogue)+len(badOffer), err)
	}
}

func bad(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/bad/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// refused wants a fault whose English text is want and whose French one names the
// same places in other words.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	if fault.KindOf(err) != fault.Invalid {
		t.Fatalf("not refused: %v", err)
	}
	if diff := cmp.Diff(want, fault.Say(err, "en")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	french := strings.Split(fault.Say(err, "fr"), "\n")
	for i, english := range strings.Split(want, "\n") {
		place, _, _ := strings.Cut(english, ": ")
		if i >= len(french) || french[i] == english || !strings.HasPrefix(french[i], place+": ") {
			t.Errorf("in French: %s", french)
		}
	}
}
