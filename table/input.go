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
)

// createInput returns the request for the table of a model. Attributes are
// defined once each, by name.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
func createInput(m Model) *dynamodb.CreateTableInput {
	spec, settings := m.Spec(), settingsOf(m)
	in := &dynamodb.CreateTableInput{
		TableName:             aws.String(m.Table()),
		KeySchema:             keySchema(spec.Key),
		BillingMode:           types.BillingModeProvisioned,
		ProvisionedThroughput: provisioned(m, spec.Throughput),
		Tags:                  tagList(settings.Tags),
	}
	if onDemand(m) {
		in.BillingMode = types.BillingModePayPerRequest
	}
	if settings.Stream != "" && settings.Stream != NoStream {
		in.StreamSpecification = streamSpecification(settings.Stream)
	}
	if aws.ToBool(settings.Protection) {
		in.DeletionProtectionEnabled = aws.Bool(true)
	}
	for _, idx := range spec.Indexes {
		k := idx.Key(spec.Key)
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
			ProvisionedThroughput: provisioned(m, idx.Throughput()),
		})
	}
	in.AttributeDefinitions = definitions(keysOf(spec)...)
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

// definitions defines each attribute of the keys once, by name.
func definitions(keys ...key.Spec) []types.AttributeDefinition {
	scalars := attributeTypes(keys...)
	var defs []types.AttributeDefinition
	for _, name := range slices.Sorted(maps.Keys(scalars)) {
		defs = append(defs, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: scalars[name]})
	}
	return defs
}

// attributeTypes returns the types of the stored attributes of keys.
func attributeTypes(keys ...key.Spec) map[string]types.ScalarAttributeType {
	scalars := map[string]types.ScalarAttributeType{}
	for _, k := range keys {
		for _, a := range slices.Concat(k.Hash.Attributes(), k.Range.Attributes()) {
			scalars[a.Name()] = a.Type()
		}
	}
	return scalars
}

func projection(idx index.Spec) *types.Projection {
	return &types.Projection{ProjectionType: idx.Projection(), NonKeyAttributes: idx.Included()}
}

// onDemand tells whether the table of a model is to be billed a request.
func onDemand(m Model) bool {
	spec := m.Spec()
	return spec.OnDemand || m.DB().Config().OnDemand && spec.Throughput == index.Throughput{}
}

// provisioned returns t, a unit that is not declared being the default; nil for
// a table on demand.
func provisioned(m Model, t index.Throughput) *types.ProvisionedThroughput {
	if onDemand(m) {
		return nil
	}
	return units(orElse(t, m.DB().Config().Throughput))
}

func units(t index.Throughput) *types.ProvisionedThroughput {
	return &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(t.Read), WriteCapacityUnits: aws.Int64(t.Write)}
}

// orElse returns t with the units that it leaves open taken from other.
func orElse(t, other index.Throughput) index.Throughput {
	return index.Throughput{Read: cmp.Or(t.Read, other.Read), Write: cmp.Or(t.Write, other.Write)}
}

func streamSpecification(view types.StreamViewType) *types.StreamSpecification {
	return &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: view}
}

// tagList returns tags in the order of their keys; nil if there is none.
func tagList(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return list
}
