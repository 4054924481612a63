package table

import (
	"cmp"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// Provisioned capacity where none is declared, of a table and of each global
// index, in units per second (rule L1).
const (
	defaultRead  = 100
	defaultWrite = 20
)

// createInput returns the request for the table of that name, which is as spec
// declares it. Attributes are defined once each, by name.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
func createInput(name string, spec repo.Spec) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		KeySchema:   keySchema(spec.Key),
		BillingMode: types.BillingModeProvisioned,
	}
	if spec.OnDemand {
		in.BillingMode = types.BillingModePayPerRequest
	}
	in.ProvisionedThroughput = provisioned(spec, spec.Throughput)
	keys := []key.Spec{spec.Key}
	for _, idx := range spec.Indexes {
		k := idx.Key(spec.Key)
		keys = append(keys, k)
		if idx.IsLocal() {
			in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{
				IndexName:  aws.String(idx.Name()),
				KeySchema:  keySchema(k),
				Projection: projection(idx),
			})
			continue
		}
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:             aws.String(idx.Name()),
			KeySchema:             keySchema(k),
			Projection:            projection(idx),
			ProvisionedThroughput: provisioned(spec, idx.Throughput()),
		})
	}
	in.AttributeDefinitions = definitions(keys)
	return in
}

// keySchema lists the attributes of a key: every hash attribute, then every
// sort attribute. Several of a kind are a multi-attribute key (rule K6).
func keySchema(k key.Spec) []types.KeySchemaElement {
	var schema []types.KeySchemaElement
	add := func(p key.Part, t types.KeyType) {
		for _, a := range p.Attributes() {
			schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(a.Name()), KeyType: t})
		}
	}
	add(k.Hash, types.KeyTypeHash)
	add(k.Range, types.KeyTypeRange)
	return schema
}

func definitions(keys []key.Spec) []types.AttributeDefinition {
	scalars := map[string]types.ScalarAttributeType{}
	for _, k := range keys {
		for _, a := range slices.Concat(k.Hash.Attributes(), k.Range.Attributes()) {
			scalars[a.Name()] = a.Type()
		}
	}
	var defs []types.AttributeDefinition
	for _, name := range slices.Sorted(maps.Keys(scalars)) {
		defs = append(defs, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: scalars[name]})
	}
	return defs
}

func projection(idx index.Spec) *types.Projection {
	return &types.Projection{ProjectionType: idx.Projection(), NonKeyAttributes: idx.Included()}
}

// provisioned returns t, a unit that is not declared being the default; nil for
// a table on demand.
func provisioned(spec repo.Spec, t index.Throughput) *types.ProvisionedThroughput {
	if spec.OnDemand {
		return nil
	}
	return &types.ProvisionedThroughput{
		ReadCapacityUnits:  aws.Int64(cmp.Or(t.Read, defaultRead)),
		WriteCapacityUnits: aws.Int64(cmp.Or(t.Write, defaultWrite)),
	}
}
