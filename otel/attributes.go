package otel

import (
	"encoding/json"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/dynarepo/dynarepo/repo"
)

// asked are the attributes of what a request asks for.
func asked(r *repo.Request) []attribute.KeyValue {
	attrs := []attribute.KeyValue{semconv.AWSDynamoDBTableNames(r.Tables...)}
	if r.Size > 1 { // one is no batch, by the conventions
		attrs = append(attrs, semconv.DBOperationBatchSize(r.Size))
	}
	switch in := r.Input.(type) {
	case *dynamodb.GetItemInput:
		attrs = reading(attrs, in.ConsistentRead, in.ProjectionExpression, in.ExpressionAttributeNames)
	case *dynamodb.QueryInput:
		attrs = paging(attrs, in.IndexName, in.Limit, in.Select)
		attrs = reading(attrs, in.ConsistentRead, in.ProjectionExpression, in.ExpressionAttributeNames)
		if in.ScanIndexForward != nil {
			attrs = append(attrs, semconv.AWSDynamoDBScanForward(*in.ScanIndexForward))
		}
	case *dynamodb.ScanInput:
		attrs = paging(attrs, in.IndexName, in.Limit, in.Select)
		attrs = reading(attrs, in.ConsistentRead, in.ProjectionExpression, in.ExpressionAttributeNames)
		if in.TotalSegments != nil {
			attrs = append(attrs, semconv.AWSDynamoDBSegment(int(aws.ToInt32(in.Segment))), semconv.AWSDynamoDBTotalSegments(int(*in.TotalSegments)))
		}
	}
	return attrs
}

func reading(attrs []attribute.KeyValue, consistent *bool, projection *string, names map[string]string) []attribute.KeyValue {
	if consistent != nil {
		attrs = append(attrs, semconv.AWSDynamoDBConsistentRead(*consistent))
	}
	if projection != nil {
		attrs = append(attrs, semconv.AWSDynamoDBProjection(plain(*projection, names)))
	}
	return attrs
}

func paging(attrs []attribute.KeyValue, index *string, limit *int32, selected types.Select) []attribute.KeyValue {
	if index != nil {
		attrs = append(attrs, semconv.AWSDynamoDBIndexName(*index))
	}
	if limit != nil {
		attrs = append(attrs, semconv.AWSDynamoDBLimit(int(*limit)))
	}
	if selected != "" {
		attrs = append(attrs, semconv.AWSDynamoDBSelect(string(selected)))
	}
	return attrs
}

var alias = regexp.MustCompile(`#\w+`)

// plain is a projection with the names that stand behind its placeholders.
func plain(projection string, names map[string]string) string {
	return alias.ReplaceAllStringFunc(projection, func(a string) string {
		if name, ok := names[a]; ok {
			return name
		}
		return a
	})
}

// answered are the attributes of what came of a request.
func answered(r *repo.Request, a answer) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	if a.id != "" {
		attrs = append(attrs, semconv.AWSRequestID(a.id))
	}
	if r.Stats.Retries > 0 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(r.Stats.Retries))
	}
	if len(a.used) > 0 {
		attrs = append(attrs, semconv.AWSDynamoDBConsumedCapacity(texts(a.used)...))
	}
	if a.page {
		attrs = append(attrs, semconv.DBResponseReturnedRows(r.Stats.Returned))
		if r.Operation == "Scan" { // the conventions have the two of Scan alone
			attrs = append(attrs, semconv.AWSDynamoDBCount(r.Stats.Returned), semconv.AWSDynamoDBScannedCount(r.Stats.Evaluated))
		}
	}
	return attrs
}

// texts are capacities as JSON, without what is not there.
func texts(used []types.ConsumedCapacity) []string {
	all := make([]string, len(used))
	for i, u := range used {
		text, _ := json.Marshal(capacityText{ // of names and numbers: it can't fail
			TableName: u.TableName, units: unitsOf(types.Capacity{CapacityUnits: u.CapacityUnits, ReadCapacityUnits: u.ReadCapacityUnits, WriteCapacityUnits: u.WriteCapacityUnits}),
			Table: tableUnits(u.Table), GlobalSecondaryIndexes: indexUnits(u.GlobalSecondaryIndexes), LocalSecondaryIndexes: indexUnits(u.LocalSecondaryIndexes),
		})
		all[i] = string(text)
	}
	return all
}

type capacityText struct {
	TableName *string `json:",omitempty"`
	units
	Table                  *units           `json:",omitempty"`
	GlobalSecondaryIndexes map[string]units `json:",omitempty"`
	LocalSecondaryIndexes  map[string]units `json:",omitempty"`
}

type units struct {
	CapacityUnits      *float64 `json:",omitempty"`
	ReadCapacityUnits  *float64 `json:",omitempty"`
	WriteCapacityUnits *float64 `json:",omitempty"`
}

func unitsOf(c types.Capacity) units {
	return units{c.CapacityUnits, c.ReadCapacityUnits, c.WriteCapacityUnits}
}

func tableUnits(c *types.Capacity) *units {
	if c == nil {
		return nil
	}
	u := unitsOf(*c)
	return &u
}

func indexUnits(indexes map[string]types.Capacity) map[string]units {
	all := make(map[string]units, len(indexes))
	for name, c := range indexes {
		all[name] = unitsOf(c)
	}
	return all
}
