package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// injected is the message of the errors composed here, to tell them from the
// engine's own.
const injected = "injected fault"

// Error returns the fault that answers with an error of DynamoDB's, without
// sending the request. The code is the bare name, such as
// "TransactionConflictException"; the SDK makes its typed error of it where it
// has one.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
func Error(status int, code string) Fault {
	return func(req *http.Request, _ Send) (*http.Response, error) {
		return composed(req, status, errorBody{Code: code, Lower: injected})
	}
}

// Throttle returns the fault that answers with
// ProvisionedThroughputExceededException and status 400, without sending the
// request. The SDK retries it.
func Throttle() Fault {
	return Error(http.StatusBadRequest, "ProvisionedThroughputExceededException")
}

// ServerError returns the fault that answers with a status of the 5xx kind,
// without sending the request: ServiceUnavailable for 503, else
// InternalServerError. The SDK retries both.
func ServerError(status int) Fault {
	if status == http.StatusServiceUnavailable {
		return Error(status, "ServiceUnavailable")
	}
	return Error(status, "InternalServerError")
}

// Conflict returns the fault that cancels a transaction, without sending it,
// because the operations at these positions, from 0, conflict with another
// request. It is [Cancel] with TransactionConflict at each of them.
func Conflict(positions ...int) Fault {
	codes := map[int]string{}
	for _, p := range positions {
		codes[p] = "TransactionConflict"
	}
	return Cancel(codes)
}

// Cancel returns the fault that answers TransactWriteItems or TransactGetItems
// with TransactionCanceledException, without sending the request. The codes,
// such as "ThrottlingError", are by the position of the operation in the
// transaction, from 0; every other operation has the code None. A position
// outside the transaction is [ErrMisfit], and so is a request that is none.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func Cancel(codes map[int]string) Fault {
	return func(req *http.Request, _ Send) (*http.Response, error) {
		size, err := transactionSize(req)
		if err != nil {
			return nil, err
		}
		all := slices.Repeat([]string{"None"}, size)
		reasons := slices.Repeat([]reason{{Code: "None"}}, size)
		for position, code := range codes {
			if position < 0 || position >= size {
				return nil, fmt.Errorf("%w: position %d in a transaction of %d", ErrMisfit, position, size)
			}
			all[position] = code
			reasons[position] = reason{Code: code, Message: injected}
		}
		return composed(req, http.StatusBadRequest, errorBody{
			Code: "TransactionCanceledException",
			Upper: "Transaction cancelled, please refer cancellation reasons for specific reasons [" +
				strings.Join(all, ", ") + "]",
			Reasons: reasons,
		})
	}
}

// transactionSize returns the number of operations in the transaction of req.
func transactionSize(req *http.Request) (int, error) {
	body, err := bodyOf(req)
	if err != nil {
		return 0, err
	}
	var in struct{ TransactItems []json.RawMessage }
	if json.Unmarshal(body, &in) != nil || len(in.TransactItems) == 0 {
		return 0, fmt.Errorf("%w: %s is no transaction", ErrMisfit, operation(req))
	}
	return len(in.TransactItems), nil
}

// errorBody is an error in DynamoDB's JSON, which spells the message as the
// error's model does.
type errorBody struct {
	Code    string   `json:"__type"`
	Lower   string   `json:"message,omitempty"`
	Upper   string   `json:"Message,omitempty"`
	Reasons []reason `json:"CancellationReasons,omitempty"`
}

type reason struct {
	Code    string
	Message string `json:",omitempty"`
}

// composed returns an error answer to req that the engine never saw.
func composed(req *http.Request, status int, body errorBody) (*http.Response, error) {
	body.Code = "com.amazonaws.dynamodb.v20120810#" + body.Code
	return answer(req, status, body)
}
