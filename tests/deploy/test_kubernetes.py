"""The manifests for Kubernetes and KServe, against the schemas that those publish."""

from copy import deepcopy
from pathlib import Path

import pytest

pytestmark = pytest.mark.deploy

FOLDER = Path(__file__).parents[2] / "serving" / "deploy" / "kubernetes"
VERSIONS = ("1.30", "1.33", "1.37")
KINDS = {
    "autoscaler.yaml": "HorizontalPodAutoscaler",
    "deployment.yaml": "Deployment",
    "disruption_budget.yaml": "PodDisruptionBudget",
    "models.yaml": "PersistentVolumeClaim",
    "service.yaml": "Service",
}
KSERVE = {
    "serving_runtime.yaml": "V1alpha1ServingRuntime",
    "inference_service.yaml": "V1beta1InferenceService",
    "inference_service_shared.yaml": "V1beta1InferenceService",
}


def read(name):
    import yaml

    return yaml.safe_load((FOLDER / name).read_text())


def only_container(pod):
    [container] = pod["containers"]
    return container


@pytest.fixture(scope="module")
def kserve():
    """What checks a document against a class of KServe's package."""
    import kubernetes.client
    from swagger_models import Checker, kserve_models

    checker = Checker(kserve_models(), kubernetes.client)
    return lambda document, kind: list(checker.problems(document, kind))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", KINDS)
def test_a_manifest_is_what_kubernetes_publishes(name, version):
    from kubernetes_validate import validate

    document = read(name)
    assert document["kind"] == KINDS[name]
    validate(document, version, strict=True)


def test_what_kubernetes_does_not_know_is_found():
    from kubernetes_validate import ValidationError, validate

    document = read("deployment.yaml")
    only_container(document["spec"]["template"]["spec"])["readynessProbe"] = {}
    with pytest.raises(ValidationError):
        validate(document, VERSIONS[-1], strict=True)


def test_the_kustomization_names_every_manifest():
    document = read("kustomization.yaml")
    assert document["kind"] == "Kustomization"
    assert sorted(document["resources"]) == sorted(KINDS)
    deployment = read("deployment.yaml")["spec"]["template"]["spec"]
    [image] = document["images"]
    assert only_container(deployment)["image"] == f"{image['name']}:{image['newTag']}"


@pytest.mark.parametrize("name", KSERVE)
def test_a_manifest_is_what_kserve_publishes(name, kserve):
    document = read(f"kserve/{name}")
    assert KSERVE[name].endswith(document["kind"])
    assert (
        document["apiVersion"]
        == {
            "V1alpha1ServingRuntime": "serving.kserve.io/v1alpha1",
            "V1beta1InferenceService": "serving.kserve.io/v1beta1",
        }[KSERVE[name]]
    )
    assert kserve(document, KSERVE[name]) == []


def test_what_kserve_does_not_know_is_found(kserve):
    kind = "V1beta1InferenceService"
    right = read("kserve/inference_service_shared.yaml")
    cases = [
        ("minReplica", 1, "minReplica: V1beta1PredictorSpec has no such member"),
        ("minReplicas", "1", "minReplicas: '1' is no int"),
        ("volumes", {}, "volumes: {} is no list"),
        ("model", 5, "model: 5 is no V1beta1ModelSpec"),
    ]
    for member, value, problem in cases:
        document = deepcopy(right)
        document["spec"]["predictor"][member] = value
        assert kserve(document, kind) == [f".spec.predictor.{problem}"]
    document = deepcopy(right)
    del document["spec"]["predictor"]
    assert kserve(document, kind) == [
        ".spec: Invalid value for `predictor`, must not be `None`"
    ]


def test_the_names_that_join_the_manifests_agree():
    deployment, service = read("deployment.yaml"), read("service.yaml")
    pod = deployment["spec"]["template"]
    labels = pod["metadata"]["labels"].items()
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        read("disruption_budget.yaml")["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels
    ports = {port["name"] for port in only_container(pod["spec"])["ports"]}
    assert {port["targetPort"] for port in service["spec"]["ports"]} == ports
    target = read("autoscaler.yaml")["spec"]["scaleTargetRef"]
    assert target == {
        "apiVersion": deployment["apiVersion"],
        "kind": deployment["kind"],
        "name": deployment["metadata"]["name"],
    }
    claims = [
        volume["persistentVolumeClaim"]["claimName"]
        for volume in pod["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    ]
    assert claims == [read("models.yaml")["metadata"]["name"]]
    runtime = read("kserve/serving_runtime.yaml")
    model = read("kserve/inference_service.yaml")["spec"]["predictor"]["model"]
    assert model["runtime"] == runtime["metadata"]["name"]
    assert model["modelFormat"]["name"] in {
        known["name"] for known in runtime["spec"]["supportedModelFormats"]
    }


def test_a_pod_is_given_the_time_that_its_server_takes_to_drain():
    pod = read("deployment.yaml")["spec"]["template"]["spec"]
    container = only_container(pod)
    [drain] = [
        float(variable["value"])
        for variable in container["env"]
        if variable["name"] == "KERASHEET_SERVE_DRAIN_SECONDS"
    ]
    waited = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] > waited + drain


PODS = {
    "deployment.yaml": ("spec", "template", "spec"),
    "kserve/serving_runtime.yaml": ("spec",),
    "kserve/inference_service_shared.yaml": ("spec", "predictor"),
}


@pytest.mark.parametrize("name", PODS)
def test_a_container_may_do_no_more_than_serve(name):
    pod = read(name)
    for member in PODS[name]:
        pod = pod[member]
    container = only_container(pod)
    both = {**pod.get("securityContext", {}), **container["securityContext"]}
    assert both["runAsNonRoot"]
    assert both["runAsUser"] > 0
    assert both["readOnlyRootFilesystem"]
    assert not both["allowPrivilegeEscalation"]
    assert both["capabilities"] == {"drop": ["ALL"]}
    mounts = {one["name"]: one for one in container.get("volumeMounts", [])}
    assert mounts.get("models", {}).get("readOnly", True)
    probes = ("readinessProbe", "livenessProbe")
    assert [container[probe]["httpGet"]["path"] for probe in probes] == [
        "/v2/health/ready",
        "/v2/health/live",
    ]
