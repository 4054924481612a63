package otel

import (
	"context"
	"errors"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/dynarepo/dynarepo/repo"
)

// An answer is what is recorded of an output, or of an error.
type answer struct {
	used []types.ConsumedCapacity
	id   string // DynamoDB's, of the request
	page bool
}

// answerOf takes out of a request that has ended what is recorded.
func answerOf(r *repo.Request) answer {
	switch out := r.Output.(type) {
	case *dynamodb.GetItemOutput:
		return single(out.ConsumedCapacity, out.ResultMetadata)
	case *dynamodb.PutItemOutput:
		return single(out.ConsumedCapacity, out.ResultMetadata)
	case *dynamodb.UpdateItemOutput:
		return single(out.ConsumedCapacity, out.ResultMetadata)
	case *dynamodb.DeleteItemOutput:
		return single(out.ConsumedCapacity, out.ResultMetadata)
	case *dynamodb.QueryOutput:
		a := single(out.ConsumedCapacity, out.ResultMetadata)
		a.page = true
		return a
	case *dynamodb.ScanOutput:
		a := single(out.ConsumedCapacity, out.ResultMetadata)
		a.page = true
		return a
	case *dynamodb.BatchGetItemOutput:
		return answer{used: out.ConsumedCapacity, id: idOf(out.ResultMetadata)}
	case *dynamodb.BatchWriteItemOutput:
		return answer{used: out.ConsumedCapacity, id: idOf(out.ResultMetadata)}
	case *dynamodb.TransactGetItemsOutput:
		return answer{used: out.ConsumedCapacity, id: idOf(out.ResultMetadata)}
	case *dynamodb.TransactWriteItemsOutput:
		return answer{used: out.ConsumedCapacity, id: idOf(out.ResultMetadata)}
	}
	if failed, ok := errors.AsType[*awshttp.ResponseError](r.Err); ok {
		return answer{id: failed.ServiceRequestID()}
	}
	return answer{}
}

func single(used *types.ConsumedCapacity, meta middleware.Metadata) answer {
	a := answer{id: idOf(meta)}
	if used != nil {
		a.used = []types.ConsumedCapacity{*used}
	}
	return a
}

func idOf(meta middleware.Metadata) string {
	id, _ := awsmiddleware.GetRequestIDMetadata(meta)
	return id
}

// failure are the attributes of an error.
func failure(err error) []attribute.KeyValue {
	if err == nil {
		return nil
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return []attribute.KeyValue{semconv.ErrorTypeKey.String(api.ErrorCode()), semconv.DBResponseStatusCode(api.ErrorCode())}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return []attribute.KeyValue{semconv.ErrorTypeKey.String("context.Canceled")}
	case errors.Is(err, context.DeadlineExceeded):
		return []attribute.KeyValue{semconv.ErrorTypeKey.String("context.DeadlineExceeded")}
	}
	for beneath := err; beneath != nil; beneath = errors.Unwrap(beneath) {
		err = beneath
	}
	return []attribute.KeyValue{semconv.ErrorType(err)}
}
