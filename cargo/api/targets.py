"""``/api/v1/targets/``: how long an organization wants each stage to take at most."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cargo import targets
from cargo.api.filters import NoFilters
from cargo.api.schema import example, row
from cargo.api.shape_basics import Shape
from cargo.api.views import READ, WRITE, ReadView
from cargo.domain.lead_times import MODES
from cargo.domain.stages import STAGES
from cargo.selectors import NotFound
from cargo.selectors.lead_times import ELAPSED, WORKING

TARGET_ID = row("target_id", "The target's number.")
_HOUR = 3600
_MAX_HOURS = 10_000
EXAMPLE = {
    "id": 3,
    "stage": "import_declared__customs_released",
    "mode": "sea",
    "port": "KRPUS",
    "hours": 24.0,
    "clock": "elapsed",
    "updated_at": "2026-03-17T05:12:04Z",
}


class _Strict(Shape):
    """Refuses fields that it does not know: a misspelt field must not be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values."""
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            error = ErrorDetail(str(_("There is no such field here.")), code="unknown")
            raise ValidationError({str(name)[:60]: [error] for name in unknown[:20]})
        return super().to_internal_value(data)


class LengthSerializer(_Strict):
    """How long at most."""

    hours = serializers.FloatField(min_value=0.01, max_value=_MAX_HOURS)
    clock = serializers.ChoiceField(choices=[ELAPSED, WORKING], default=ELAPSED)


class NewTargetSerializer(LengthSerializer):
    """For which stage; without a mode or port, for any. The most specific counts: a port before a mode."""

    stage = serializers.ChoiceField(choices=STAGES)
    mode = serializers.ChoiceField(choices=MODES, allow_blank=True, default="")
    port = serializers.RegexField(r"\A([A-Z]{2}[A-Z2-9]{3})?\Z", allow_blank=True, default="", max_length=5)


class TargetSerializer(Shape):
    """A target."""

    id = serializers.IntegerField()
    stage = serializers.CharField()
    mode = serializers.CharField(allow_blank=True)
    port = serializers.CharField(allow_blank=True)
    hours = serializers.FloatField()
    clock = serializers.ChoiceField(choices=[ELAPSED, WORKING])
    updated_at = serializers.DateTimeField()


class TargetsSerializer(Shape):
    """All of them; an organization has at most 200."""

    results = TargetSerializer(many=True)


class _TargetView(ReadView):
    required_scopes: ClassVar[Any] = {"GET": READ, "POST": WRITE, "PUT": WRITE, "DELETE": WRITE}

    def handle_exception(self, exc: Exception) -> Response:
        """What is not there and what is somebody else's are the same 404."""
        if isinstance(exc, targets.NoTarget):
            exc = NotFound()
        elif isinstance(exc, PermissionDenied):
            exc = exceptions.PermissionDenied()
        elif isinstance(exc, targets.TooManyTargets):
            detail = ErrorDetail(str(_("An organization has 200 targets at most.")), code="too_many")
            exc = ValidationError({"stage": [detail]})
        return super().handle_exception(exc)


class Targets(_TargetView):
    """The organization's targets."""

    @extend_schema(
        operation_id="targets_list",
        summary="Target times",
        responses=TargetsSerializer,
        examples=[example("one", {"results": [EXAMPLE]})],
        tags=["lead times"],
    )
    def get(self, request: Request) -> Response:
        """By stage."""
        self.params(request, NoFilters)
        return Response({"results": [_written(target) for target in targets.listed(self.viewer)]})

    @extend_schema(
        operation_id="targets_create",
        summary="Set a target time",
        request=NewTargetSerializer,
        responses={201: TargetSerializer},
        tags=["lead times"],
    )
    def post(self, request: Request) -> Response:
        """For a stage, and for a mode or port if given. Setting the same one again changes it."""
        self.params(request, NoFilters)
        body = NewTargetSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        target = targets.put(self.viewer, {**said, "seconds": _seconds(said["hours"])})
        return Response(_written(target), status=201)


class Target(_TargetView):
    """One target."""

    @extend_schema(
        operation_id="targets_retrieve",
        summary="A target time",
        parameters=[TARGET_ID],
        responses=TargetSerializer,
        tags=["lead times"],
    )
    def get(self, request: Request, target_id: int) -> Response:
        """As it holds now."""
        return Response(_written(targets.found(self.viewer, target_id)))

    @extend_schema(
        operation_id="targets_update",
        summary="Change a target time",
        parameters=[TARGET_ID],
        request=LengthSerializer,
        responses=TargetSerializer,
        tags=["lead times"],
    )
    def put(self, request: Request, target_id: int) -> Response:
        """Another length; for another stage, mode or port set another target."""
        targets.found(self.viewer, target_id)
        body = LengthSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        return Response(_written(targets.change(self.viewer, target_id, _seconds(said["hours"]), said["clock"])))

    @extend_schema(
        operation_id="targets_delete",
        summary="Take a target time back",
        parameters=[TARGET_ID],
        responses={204: None},
        tags=["lead times"],
    )
    def delete(self, request: Request, target_id: int) -> Response:
        """A less specific one holds again, or none."""
        targets.drop(self.viewer, target_id)
        return Response(status=204)


def _seconds(hours: float) -> int:
    return round(hours * _HOUR)


def _written(target: Any) -> dict[str, Any]:
    return {
        "id": target.pk,
        "stage": target.stage,
        "mode": target.mode,
        "port": target.port,
        "hours": target.seconds / _HOUR,
        "clock": target.clock,
        "updated_at": target.updated_at,
    }
