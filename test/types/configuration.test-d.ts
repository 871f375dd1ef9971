import { expectTypeOf, test } from "vitest";
import type { ServingPlatformArgs } from "../../src/components/platform/serving-platform-args";
import type { ServedModelArgs } from "../../src/components/serving/served-model-args";
import type { ModelConfiguration, PlatformConfiguration } from "../../src/config/schema";

test("the platform's configuration has every argument of the component and fits it", () => {
  expectTypeOf<keyof PlatformConfiguration>().toEqualTypeOf<
    Exclude<keyof ServingPlatformArgs, "check" | "kubeconfig">
  >();
  expectTypeOf<keyof Given<PlatformConfiguration["prometheus"]>>().toEqualTypeOf<
    keyof Given<ServingPlatformArgs["prometheus"]>
  >();
  expectTypeOf<keyof Given<PlatformConfiguration["kserve"]>>().toEqualTypeOf<
    keyof Given<ServingPlatformArgs["kserve"]>
  >();
  expectTypeOf<keyof Given<PlatformConfiguration["keda"]>>().toEqualTypeOf<keyof Given<ServingPlatformArgs["keda"]>>();
  expectTypeOf<keyof Given<PlatformConfiguration["gpus"]>>().toEqualTypeOf<keyof Given<ServingPlatformArgs["gpus"]>>();
  expectTypeOf<keyof Given<PlatformConfiguration["kedaHttpAddon"]>>().toEqualTypeOf<
    keyof Given<ServingPlatformArgs["kedaHttpAddon"]>
  >();
  expectTypeOf<PlatformConfiguration>().toExtend<ServingPlatformArgs>();
});

test("a model's configuration has every argument of the component and fits it", () => {
  expectTypeOf<Exclude<keyof ModelConfiguration, "name">>().toEqualTypeOf<
    Exclude<keyof ServedModelArgs, "platform" | "prometheusAuthentication">
  >();
  expectTypeOf<keyof ModelConfiguration["weights"]>().toEqualTypeOf<keyof ServedModelArgs["weights"]>();
  expectTypeOf<keyof Given<ModelConfiguration["weights"]["nfs"]>>().toEqualTypeOf<
    keyof Given<ServedModelArgs["weights"]["nfs"]>
  >();
  expectTypeOf<keyof Given<Given<ModelConfiguration["weights"]["nfs"]>["download"]>>().toEqualTypeOf<
    keyof Given<Given<ServedModelArgs["weights"]["nfs"]>["download"]>
  >();
  expectTypeOf<keyof Given<ModelConfiguration["weights"]["modelImage"]>>().toEqualTypeOf<
    keyof Given<ServedModelArgs["weights"]["modelImage"]>
  >();
  expectTypeOf<keyof Given<ModelConfiguration["weights"]["huggingFace"]>>().toEqualTypeOf<
    keyof Given<ServedModelArgs["weights"]["huggingFace"]>
  >();
  expectTypeOf<keyof Given<ModelConfiguration["weights"]["s3"]>>().toEqualTypeOf<
    keyof Given<ServedModelArgs["weights"]["s3"]>
  >();
  expectTypeOf<keyof Given<ModelConfiguration["weights"]["connection"]>>().toEqualTypeOf<
    keyof Given<ServedModelArgs["weights"]["connection"]>
  >();
  expectTypeOf<keyof Given<ModelConfiguration["weights"]["localModel"]>>().toEqualTypeOf<
    keyof Given<ServedModelArgs["weights"]["localModel"]>
  >();
  expectTypeOf<keyof Given<ModelConfiguration["slo"]>>().toEqualTypeOf<keyof Given<ServedModelArgs["slo"]>>();
  expectTypeOf<keyof Given<ModelConfiguration["expose"]>>().toEqualTypeOf<keyof Given<ServedModelArgs["expose"]>>();
  expectTypeOf<keyof Given<ModelConfiguration["dashboard"]>>().toEqualTypeOf<
    keyof Given<ServedModelArgs["dashboard"]>
  >();
  expectTypeOf<keyof Given<ModelConfiguration["runtime"]>>().toEqualTypeOf<keyof Given<ServedModelArgs["runtime"]>>();
  expectTypeOf<keyof Given<ModelConfiguration["transformer"]>>().toEqualTypeOf<
    keyof Given<ServedModelArgs["transformer"]>
  >();
  type Scaling = Given<ServedModelArgs["scaling"]>;
  type ConfiguredScaling = Given<ModelConfiguration["scaling"]>;
  expectTypeOf<keyof ConfiguredScaling>().toEqualTypeOf<keyof Scaling>();
  expectTypeOf<keyof Given<ConfiguredScaling["scaledObject"]>>().toEqualTypeOf<keyof Given<Scaling["scaledObject"]>>();
  expectTypeOf<keyof Given<ConfiguredScaling["http"]>>().toEqualTypeOf<keyof Given<Scaling["http"]>>();
  expectTypeOf<keyof Given<ConfiguredScaling["knative"]>>().toEqualTypeOf<keyof Given<Scaling["knative"]>>();
  expectTypeOf<keyof Given<ConfiguredScaling["kserveKeda"]>>().toEqualTypeOf<keyof Given<Scaling["kserveKeda"]>>();
  expectTypeOf<keyof Given<ConfiguredScaling["hpa"]>>().toEqualTypeOf<keyof Given<Scaling["hpa"]>>();
  expectTypeOf<keyof ModelConfiguration["replicas"]>().toEqualTypeOf<keyof ServedModelArgs["replicas"]>();
  expectTypeOf<keyof Given<ModelConfiguration["capacity"]>>().toEqualTypeOf<keyof Given<ServedModelArgs["capacity"]>>();
  expectTypeOf<keyof Given<ModelConfiguration["load"]>>().toEqualTypeOf<keyof Given<ServedModelArgs["load"]>>();
  expectTypeOf<keyof Given<Given<ModelConfiguration["load"]>["burst"]>>().toEqualTypeOf<
    keyof Given<Given<ServedModelArgs["load"]>["burst"]>
  >();
  expectTypeOf<keyof Given<ModelConfiguration["startup"]>>().toEqualTypeOf<keyof Given<ServedModelArgs["startup"]>>();
  expectTypeOf<keyof Given<ModelConfiguration["apiKey"]>>().toEqualTypeOf<keyof Given<ServedModelArgs["apiKey"]>>();
  expectTypeOf<Omit<ModelConfiguration, "name">>().toExtend<Omit<ServedModelArgs, "platform">>();
});

type Given<T> = Exclude<T, undefined>;
