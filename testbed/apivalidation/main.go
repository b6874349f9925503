// Judges custom resources as an API server does: its validation of definitions, schemas and CEL rules, without the server.
//
//	apivalidation DEFINITION... < objects.json
//
// Standard input is a list of objects; standard output is {"definitions": {file: [error]}, "objects": [[error]]}.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	definitions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

type result struct {
	Definitions map[string][]string `json:"definitions"`
	Objects     [][]string          `json:"objects"`
}

type judge struct {
	structural *schema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

func main() {
	out := result{Definitions: map[string][]string{}, Objects: [][]string{}}
	judges := map[string]judge{}
	for _, file := range os.Args[1:] {
		definition := read(file)
		out.Definitions[file] = texts(definitions.ValidateCustomResourceDefinition(context.Background(), definition))
		if len(out.Definitions[file]) > 0 {
			continue
		}
		for _, version := range definition.Spec.Versions {
			validated, err := apiextensions.GetSchemaForVersion(definition, version.Name)
			check(err)
			key := definition.Spec.Group + "/" + version.Name + " " + definition.Spec.Names.Kind
			judges[key] = newJudge(validated)
		}
	}
	input, err := io.ReadAll(os.Stdin)
	check(err)
	var objects []any
	// Whole numbers stay such, as in a server.
	check(utiljson.Unmarshal(input, &objects))
	for _, object := range objects {
		out.Objects = append(out.Objects, judgeObject(judges, object.(map[string]any)))
	}
	check(json.NewEncoder(os.Stdout).Encode(out))
}

func read(file string) *apiextensions.CustomResourceDefinition {
	text, err := os.ReadFile(file)
	check(err)
	var definition v1.CustomResourceDefinition
	check(yaml.UnmarshalStrict(text, &definition))
	v1.SetDefaults_CustomResourceDefinition(&definition)
	v1.SetDefaults_CustomResourceDefinitionSpec(&definition.Spec)
	for _, version := range definition.Spec.Versions {
		if version.Storage {
			definition.Status.StoredVersions = append(definition.Status.StoredVersions, version.Name)
		}
	}
	var internal apiextensions.CustomResourceDefinition
	check(v1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&definition, &internal, nil))
	return &internal
}

func newJudge(validated *apiextensions.CustomResourceValidation) judge {
	structural, err := schema.NewStructural(validated.OpenAPIV3Schema)
	check(err)
	validator, _, err := validation.NewSchemaValidator(validated.OpenAPIV3Schema)
	check(err)
	return judge{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
}

func judgeObject(judges map[string]judge, object map[string]any) []string {
	key := fmt.Sprintf("%v %v", object["apiVersion"], object["kind"])
	judge, known := judges[key]
	if !known {
		return []string{"no definition of " + key}
	}
	// A server ignores the status of what is applied.
	delete(object, "status")
	defaulting.PruneNonNullableNullsWithoutDefaults(object, judge.structural)
	defaulting.Default(object, judge.structural)
	found := []string{}
	options := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	for _, path := range pruning.PruneWithOptions(object, judge.structural, true, options) {
		found = append(found, path+": unknown field")
	}
	errors := validation.ValidateCustomResource(nil, object, judge.schema)
	broken, _ := judge.rules.Validate(context.Background(), nil, judge.structural, object, nil, celconfig.RuntimeCELCostBudget)
	return append(found, texts(append(errors, broken...))...)
}

func texts(errors field.ErrorList) []string {
	found := []string{}
	for _, one := range errors {
		found = append(found, one.Error())
	}
	return found
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
