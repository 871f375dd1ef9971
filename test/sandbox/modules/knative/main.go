// Does with Services what Knative's webhook does (knative/serving, cmd/webhook): defaults, then validation as on creation.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"knative.dev/pkg/apis"
	"knative.dev/serving/pkg/apis/config"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
	autoscaler "knative.dev/serving/pkg/autoscaler/config"
)

// What a cluster's ConfigMaps config-defaults and config-features hold, and Services to ask about.
type question struct {
	Defaults map[string]string   `json:"defaults"`
	Features map[string]string   `json:"features"`
	Services []servingv1.Service `json:"services"`
}

type answer struct {
	Refusal string `json:"refusal"`
}

func main() {
	var asked question
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	defaults, err := config.NewDefaultsConfigFromMap(asked.Defaults)
	must(err)
	features, err := config.NewFeaturesConfigFromMap(asked.Features)
	must(err)
	scaling, err := autoscaler.NewConfigFromMap(map[string]string{})
	must(err)
	cluster := &config.Config{Defaults: defaults, Features: features, Autoscaler: scaling}
	ctx := apis.WithinCreate(config.ToContext(context.Background(), cluster))

	answers := []answer{}
	for _, service := range asked.Services {
		service.SetDefaults(ctx)
		refusal := ""
		if found := service.Validate(ctx).Filter(apis.ErrorLevel); found != nil {
			refusal = found.Error()
		}
		answers = append(answers, answer{Refusal: refusal})
	}
	must(json.NewEncoder(os.Stdout).Encode(answers))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
