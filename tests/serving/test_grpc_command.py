"""gRPC of the command, as a real process on loopback."""

import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_thread import infer
from serving_models import half_plus_two, publish, slow
from serving_process import grpc_address, run, serve, start_busy

from kerasheet_serving import Client
from kerasheet_serving.grpc.open_inference_pb2 import ServerLiveRequest
from kerasheet_serving.grpc.open_inference_pb2_grpc import GRPCInferenceServiceStub

LONG = [2000, 2000]  # about a second of processor time for the slow model


@pytest.fixture
def models(tmp_path):
    publish(tmp_path, "M", half_plus_two(("batch", 1)))
    publish(tmp_path, "slow", slow())
    return tmp_path


def test_a_call_is_answered_although_the_server_is_told_to_stop(models):
    with (
        serve(models) as (process, _),
        grpc.insecure_channel(grpc_address(process)) as channel,
        ThreadPoolExecutor() as threads,
    ):
        stub = GRPCInferenceServiceStub(channel)
        assert stub.ServerLive(ServerLiveRequest()).live
        sides = ("shape", "INT64", [2], {"int64_contents": LONG})
        call = start_busy(
            process, threads, stub.ModelInfer, infer("slow", tensors=[sides])
        )
        process.send_signal(signal.SIGTERM)
        (output,) = call.result(60).outputs
        assert output.contents.fp32_contents[0] == pytest.approx(2000.0**6, rel=1e-4)
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")


def test_it_can_be_turned_off(models):
    with serve(models, "--grpc-port", "off") as (process, url):
        assert Client(url).predict("M", [[2.0]]) == [[3.0]]
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert "gRPC" not in output


def test_who_reads_but_the_first_line_does_not_stop_the_server(models):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serve(models, "--grpc-port", port) as (process, _):
        process.stdout.close()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = GRPCInferenceServiceStub(channel)
            request = ServerLiveRequest()
            assert stub.ServerLive(request, wait_for_ready=True, timeout=60).live
        process.send_signal(signal.SIGTERM)
        errors = process.stderr.read()
        assert (process.wait(30), errors) == (0, "")


def test_a_port_in_use_is_refused_in_one_sentence(models):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert run(models, "--port", "0", "--grpc-port", port) == (
            1,
            "",
            f"kerasheet-serve: Port {port} of 127.0.0.1 is in use. Stop what listens "
            "there, or choose another with --grpc-port; --grpc-port 0 picks a free "
            "one.\n",
        )


def test_two_servers_do_not_share_a_port(models):
    with serve(models) as (process, _):
        port = grpc_address(process).rsplit(":", 1)[1]
        status, _, errors = run(models, "--port", "0", "--grpc-port", port)
    assert status == 1
    assert errors.startswith(f"kerasheet-serve: Port {port} of 127.0.0.1 is in use.")


def test_a_port_that_is_none_is_refused():
    status, output, errors = run("models", "--grpc-port", "of")
    assert (status, output) == (2, "")
    assert errors.splitlines()[-1] == (
        "kerasheet-serve: error: argument --grpc-port: 'of' is not a port, from 0 to "
        "65535, or off"
    )
