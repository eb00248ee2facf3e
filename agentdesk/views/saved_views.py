"""Names for views of the queue, kept per user."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from agentdesk.access import access_saved_view
from agentdesk.models import SavedView, User
from agentdesk.views.queue import for_supervisors, show_queue


class NameForm(forms.Form):
    """What a view is to be called."""

    name = forms.CharField(max_length=60, error_messages={"required": "Give the view a name"})


@for_supervisors
@require_POST
def saved_views(request: HttpRequest, user: User) -> HttpResponse:
    """Save the view that is shown under a name, in place of one of the same name; or delete one."""
    query = request.POST.get("query", "")
    if "delete" in request.POST:
        access_saved_view(user, request.POST["delete"]).delete()
        return _back(query)
    form = NameForm(request.POST)
    if not form.is_valid():
        problem = str(form.errors["name"][0])
        return show_queue(request, user, QueryDict(query), problem=problem, status=422)
    name = form.cleaned_data["name"]
    SavedView.objects.update_or_create(user=user, name=name, defaults={"query": query})
    return _back(query)


def _back(query: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('queue')}?{query}")
