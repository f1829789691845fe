package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/versity/versitygw/auth"
)

var bucketEncryption = document{
	name:     "encryption",
	read:     auth.GetEncryptionConfigurationAction,
	write:    auth.PutEncryptionConfigurationAction,
	missing:  refusal{http.StatusNotFound, "ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found"},
	validate: validateEncryption,
}

type encryptionDocument struct {
	XMLName xml.Name         `xml:"ServerSideEncryptionConfiguration"`
	XMLNS   string           `xml:"xmlns,attr"`
	Rules   []encryptionRule `xml:"Rule"`
}

type encryptionRule struct {
	Default *struct {
		SSEAlgorithm   string
		KMSMasterKeyID string `xml:",omitempty"`
	} `xml:"ApplyServerSideEncryptionByDefault"`
	BucketKeyEnabled bool
}

// validateEncryption takes one rule that names the one algorithm on offer.
func validateEncryption(body []byte) ([]byte, error) {
	var doc encryptionDocument
	if err := xml.Unmarshal(body, &doc); err != nil || len(doc.Rules) != 1 || doc.Rules[0].Default == nil {
		return nil, malformedXML
	}
	switch rule := doc.Rules[0].Default; {
	case rule.SSEAlgorithm == "aws:kms" || rule.SSEAlgorithm == "aws:kms:dsse":
		return nil, invalid("InvalidArgument", "This server has no key management service; the valid value is AES256")
	case rule.SSEAlgorithm != "AES256":
		return nil, malformedXML
	case rule.KMSMasterKeyID != "":
		return nil, invalid("InvalidArgument", "A KMS key can't be given with AES256")
	}
	doc.XMLName, doc.XMLNS = xml.Name{Local: "ServerSideEncryptionConfiguration"}, xmlns
	out, err := xml.Marshal(doc)
	return append([]byte(xml.Header), out...), err
}
