package fault

import (
	"strings"

	"github.com/aws/smithy-go"
)

// advice says what to do about an error of the service that a first hour meets, for
// the end of a text; "" of others. Codes and messages are those of
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html.
func advice(api smithy.APIError) string {
	switch api.ErrorCode() {
	case "ResourceNotFoundException":
		return ": no such table in this region, account or endpoint; table.Create makes one"
	case "ValidationException":
		return validation(api.ErrorMessage())
	case "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignatureException", "MissingAuthenticationTokenException":
		return ": the service does not take the credentials; are they, and the region, of this account?"
	case "ExpiredTokenException":
		return ": the credentials have expired"
	case "AccessDeniedException":
		return ": a policy denies the operation to these credentials"
	}
	return ""
}

const (
	otherKeys = ": the live table has other keys than the model; table.Diff tells"
	noIndex   = ": the live table lacks the index; table.CreateIndex adds it, and table.Diff tells what else differs"
)

// differs has parts of messages that say how the live table differs from the model:
// of the service, and of DynamoDB Local.
var differs = []struct{ part, advice string }{
	{"does not have the specified index", noIndex},
	{"does not match the schema", otherKeys},
	{"number of conditions on the keys is invalid", otherKeys},
	{"One of the required keys was not given a value", otherKeys},
	{"Missing the key", otherKeys},
	{"Type mismatch for", otherKeys},
	{"for a key attribute cannot contain an empty", otherKeys}, // one of the model's is never sent empty
}

func validation(message string) string {
	for _, d := range differs {
		if strings.Contains(message, d.part) {
			return d.advice
		}
	}
	return ""
}

// noCredentials is in what the SDK says where it finds none.
const noCredentials = "get credentials: "

const credentialsAdvice = "; credentials come from AWS_PROFILE, AWS_ACCESS_KEY_ID, the machine's role, or Config.Credentials"
