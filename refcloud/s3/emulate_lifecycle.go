package s3

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"

	"github.com/versity/versitygw/auth"
)

var lifecycle = document{
	name:     "lifecycle",
	read:     auth.GetLifecycleConfigurationAction,
	write:    auth.PutLifecycleConfigurationAction,
	missing:  refusal{http.StatusNotFound, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"},
	validate: validateLifecycle,
}

// xmlns is the namespace of S3's documents.
const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"

type lifecycleDocument struct {
	XMLName xml.Name        `xml:"LifecycleConfiguration"`
	XMLNS   string          `xml:"xmlns,attr"`
	Rules   []lifecycleRule `xml:"Rule"`
}

type lifecycleRule struct {
	ID                    string
	Filter                *lifecycleFilter      `xml:",omitempty"`
	Prefix                *string               `xml:",omitempty"`
	Status                string                `xml:",omitempty"`
	Transitions           []lifecycleTransition `xml:"Transition,omitempty"`
	Expiration            *lifecycleExpiration  `xml:",omitempty"`
	NoncurrentTransitions []lifecycleTransition `xml:"NoncurrentVersionTransition,omitempty"`
	NoncurrentExpiration  *struct {
		NoncurrentDays          *string `xml:",omitempty"`
		NewerNoncurrentVersions *string `xml:",omitempty"`
	} `xml:"NoncurrentVersionExpiration,omitempty"`
	AbortUpload *struct {
		DaysAfterInitiation *string `xml:",omitempty"`
	} `xml:"AbortIncompleteMultipartUpload,omitempty"`
}

type lifecycleFilter struct {
	Prefix                *string          `xml:",omitempty"`
	Tags                  []lifecycleTag   `xml:"Tag,omitempty"`
	ObjectSizeGreaterThan *string          `xml:",omitempty"`
	ObjectSizeLessThan    *string          `xml:",omitempty"`
	And                   *lifecycleFilter `xml:",omitempty"`
}

type lifecycleTag struct{ Key, Value string }

type lifecycleExpiration struct {
	Date                      *string `xml:",omitempty"`
	Days                      *string `xml:",omitempty"`
	ExpiredObjectDeleteMarker *string `xml:",omitempty"`
}

type lifecycleTransition struct {
	Date                    *string `xml:",omitempty"`
	Days                    *string `xml:",omitempty"`
	NoncurrentDays          *string `xml:",omitempty"`
	NewerNoncurrentVersions *string `xml:",omitempty"`
	StorageClass            string  `xml:",omitempty"`
}

// validateLifecycle returns the document to keep: the one given, with an id in
// every rule.
func validateLifecycle(body []byte) ([]byte, error) {
	var doc lifecycleDocument
	if err := xml.Unmarshal(body, &doc); err != nil || len(doc.Rules) == 0 {
		return nil, malformedXML
	}
	seen := map[string]bool{}
	for i := range doc.Rules {
		rule := &doc.Rules[i]
		if rule.ID == "" {
			rule.ID = hexID(16)
		}
		switch {
		case len(rule.ID) > 255:
			return nil, invalid("InvalidArgument", "ID length should not exceed allowed limit of 255")
		case seen[rule.ID]:
			return nil, invalid("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
		}
		seen[rule.ID] = true
		if err := rule.check(); err != nil {
			return nil, err
		}
	}
	doc.XMLName, doc.XMLNS = xml.Name{Local: "LifecycleConfiguration"}, xmlns
	out, err := xml.Marshal(doc)
	return append([]byte(xml.Header), out...), err
}

func (rule *lifecycleRule) check() error {
	if rule.Status != "Enabled" && rule.Status != "Disabled" {
		return malformedXML
	}
	if rule.Expiration == nil && rule.NoncurrentExpiration == nil && rule.AbortUpload == nil &&
		len(rule.Transitions) == 0 && len(rule.NoncurrentTransitions) == 0 {
		return invalid("InvalidRequest", "At least one action needs to be specified in a rule")
	}
	var days []*string
	if e := rule.Expiration; e != nil {
		if (e.Date != nil) == (e.Days != nil) && e.ExpiredObjectDeleteMarker == nil || e.Date != nil && e.Days != nil {
			return malformedXML
		}
		days = append(days, e.Days)
	}
	if e := rule.NoncurrentExpiration; e != nil {
		days = append(days, e.NoncurrentDays)
	}
	if e := rule.AbortUpload; e != nil {
		days = append(days, e.DaysAfterInitiation)
	}
	for _, d := range days {
		if err := positive(d); err != nil {
			return err
		}
	}
	return nil
}

// positive checks a number of days, if it is given.
func positive(days *string) error {
	if days == nil {
		return nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(*days), 10, 32)
	switch {
	case err != nil:
		return malformedXML
	case n <= 0:
		return invalid("InvalidArgument", "The number of days of an action must be a positive integer")
	}
	return nil
}
